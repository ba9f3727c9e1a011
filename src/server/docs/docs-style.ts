/** How the page of the API looks: dark where the reader's system is. */
export const docsStyle = `
:root {
  --back: #fdfdfb; --text: #1d232b; --soft: #5c6672; --line: #dfe2e6; --pane: #f3f4f1; --link: #0a5c8a;
  --get: #1f6f43; --post: #7a4b00; --patch: #5d3b96; --delete: #a3241c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #14181d; --text: #dfe4ea; --soft: #97a2af; --line: #2c333c; --pane: #1c222a; --link: #7cc0ea;
    --get: #74cf9c; --post: #e3b15c; --patch: #bda1f0; --delete: #f08c84;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr); background: var(--back); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.2rem; border-right: 1px solid var(--line);
  font-size: .88rem; }
nav h2 { margin: 0 0 1rem; font-size: 1rem; }
nav p { margin: 1rem 0 .2rem; font-weight: 600; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav li { padding: .12rem 0; }
main { padding: 2rem clamp(1rem, 4vw, 4rem) 6rem; max-width: 66rem; }
h1 { margin-top: 0; }
main > h2 { margin: 3.5rem 0 0; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
section { margin: 2.2rem 0; }
section h3 { margin: 0 0 .3rem; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
code, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
code { overflow-wrap: anywhere; }
p code, td code { background: var(--pane); padding: .08em .3em; border-radius: 3px; }
pre { background: var(--pane); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; }
.route { margin: 0 0 .8rem; }
.route code { background: none; padding: 0; font-size: 1em; }
.get { color: var(--get); } .post { color: var(--post); } .patch { color: var(--patch); } .delete { color: var(--delete); }
.s2, .s3 { color: var(--get); } .s4 { color: var(--post); } .s5 { color: var(--delete); }
table { width: 100%; border-collapse: collapse; margin: .8rem 0; font-size: .92rem; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { white-space: nowrap; }
small { color: var(--soft); }
@media (max-width: 60rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul { columns: 2; }
  table { display: block; overflow-x: auto; }
}
`;
