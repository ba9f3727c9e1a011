import { describe, expect, it, vi } from 'vitest';
import { heapFlags } from '../heap.ts';
import { type Restarted, restartRoomy } from './restart-roomy.ts';

/** A process that serves; gives the words it was started again with, or null. */
function restartedWith(process: Partial<Restarted>): readonly string[] | null {
  const execve = vi.fn<NonNullable<Restarted['execve']>>();
  const argv = ['/node', '/main.js', 'serve', 'kit'];
  restartRoomy({ argv, execArgv: [], execPath: '/node', env: {}, execve, ...process });
  return execve.mock.calls[0]?.[1] ?? null;
}

describe('the process of a service', () => {
  it('is started again with room for young objects, and all it was started with', () => {
    const restarted = restartedWith({ execArgv: ['--inspect'] });
    expect(restarted).toEqual(['/node', ...heapFlags, '--inspect', '/main.js', 'serve', 'kit']);
  });

  it('is not started again for a command that soon ends', () => {
    expect(restartedWith({ argv: ['/node', '/main.js', 'jobs', 'list'] })).toBeNull();
    expect(restartedWith({ argv: ['/node', '/main.js'] })).toBeNull();
  });

  it('is left as it is where somebody has set the room himself, or where it was set before', () => {
    expect(restartedWith({ execArgv: [...heapFlags] })).toBeNull();
    expect(restartedWith({ env: { NODE_OPTIONS: '--max_semi_space_size=8' } })).toBeNull();
  });

  it('is left as it is where it has a channel to whoever started it', () => {
    expect(restartedWith({ send: () => true })).toBeNull();
  });

  it('runs with the room it has where a process cannot start again', () => {
    const refusing = (): never => {
      throw new Error('not on this platform');
    };
    expect(() => restartedWith({ execve: refusing })).not.toThrow();
  });
});
