import { hashBytes, hashJson } from '../../core/index.ts';
import type { Asked, PromptPart } from '../server/wire.ts';

/** A prompt up to and including one of its parts. */
export interface Prefix {
  /** Of all that a provider's cache compares: model, owner, salts and every part so far. */
  readonly hash: string;
  readonly tokens: number;
}

/** The order in which providers read a prompt. */
const levels: readonly PromptPart['level'][] = ['tools', 'system', 'messages'];

/**
 * Names the prefixes of a prompt by their content, one for each part.
 * A level's salt goes in where the level begins, also when it has no parts: it loses that level and all that follow.
 */
export function prefixesOf({ model, key, prompt, caching }: Asked): readonly Prefix[] {
  let hash = hashJson([model.provider, model.name, key, caching.partition]);
  let tokens = 0;
  let salted = 0;
  return prompt.map((part) => {
    for (; salted <= levels.indexOf(part.level); salted += 1) {
      const level = levels[salted] ?? 'messages';
      hash = hashBytes(`${hash} ${level} ${caching.salts[level]}`);
    }
    hash = hashBytes(`${hash} ${part.content}`);
    tokens += part.tokens;
    return { hash, tokens };
  });
}
