import { type Script, type ScriptEntry, type ScriptedModel, scriptedTeam } from '../../src/testing.ts';
import { goodScripts } from './writers.ts';

/**
 * Plays the writers as a real provider would: the answer depends on the conversation sent, not on how often it was
 * asked, so a call that a crash repeats is answered again.
 */
export function replies(): ScriptedModel {
  const scripts = Object.entries(goodScripts()).map(([name, script]): [string, Script] => [
    name,
    byTurn(script),
  ]);
  return scriptedTeam(Object.fromEntries(scripts));
}

function byTurn(script: Script): Script {
  if (typeof script === 'function') return script;
  return ({ messages }) => {
    const turn = messages.filter(({ role }) => role === 'assistant').length;
    const entry: ScriptEntry | undefined = script[turn];
    if (entry === undefined) throw new Error(`The script has no turn ${turn + 1}`);
    return entry;
  };
}
