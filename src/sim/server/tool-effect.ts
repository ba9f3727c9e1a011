import type { ToolEffect } from '../../core/index.ts';

/**
 * Says what calling a tool may change; no wire carries it, and the offline model must not guess wrong.
 * Inspan's own tools are known by name. Any other reaches outside, unless its description says that it is read-only.
 */
export function toolEffectOf(name: string, description: string): ToolEffect {
  const known = Object.hasOwn(effects, name) ? effects[name] : undefined;
  return known ?? (/\bread[- ]only\b/i.test(description) ? 'read' : 'outside');
}

const effects: Readonly<Record<string, ToolEffect>> = Object.freeze({
  read_file: 'read',
  list_files: 'read',
  search_files: 'read',
  open_skill_file: 'read',
  write_file: 'write',
  edit_file: 'write',
  delegate: 'write',
});
