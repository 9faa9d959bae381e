import { describe, expect, it } from 'vitest';
import { followPropagation, propagationWords, type Propagation } from './propagation.js';

const reach = (applied: number, nodes: number, milliseconds: number | null = null): Propagation => ({
  changeToken: '7',
  nodes,
  applied,
  milliseconds,
});

describe('propagationWords', () => {
  it('shows only the time with a single verifying process', () => {
    expect(propagationWords('Revoked', reach(1, 1, 41))).toBe('Live after 41 ms.');
    expect(propagationWords('Revoked', reach(1, 1))).toBe('Live.');
    expect(propagationWords('Revoked', reach(0, 1))).toBe('Saved, but not live yet.');
  });

  it('counts the processes if there are several', () => {
    expect(propagationWords('Revoked', reach(3, 3, 1041))).toBe('Revoked on 3 of 3 processes in 1,041 ms.');
    expect(propagationWords('Disabled', reach(3, 3))).toBe('Disabled on 3 of 3 processes.');
    expect(propagationWords('Changed', reach(2, 3))).toBe('Changed on 2 of 3 processes so far.');
  });

  it('claims no success if no process responded', () => {
    expect(propagationWords('Revoked', reach(0, 0))).toBe('Saved. Waiting for a verifying process.');
    expect(propagationWords('Revoked', reach(0, 0), true)).toBe(
      'Saved, but not confirmed: no verifying process has reported for 10 seconds. Check Processes.',
    );
  });

  it('finally shows which processes are missing, and until when', () => {
    expect(propagationWords('Revoked', reach(2, 3), true)).toBe(
      'Revoked on 2 of 3 processes; 1 process has not confirmed it. Healthy processes reject the key within 5 seconds.',
    );
    expect(propagationWords('Changed', reach(1, 3), true)).toBe(
      'Changed on 1 of 3 processes; 2 processes have not confirmed it. Healthy processes follow within 5 seconds.',
    );
    expect(propagationWords('Enabled', reach(0, 1), true)).toBe(
      'Saved, but not live yet; 1 process has not confirmed it. Healthy processes follow within 5 seconds.',
    );
  });
});

describe('followPropagation', () => {
  async function follow(first: Propagation, answers: (Propagation | Error)[]) {
    const shown: string[] = [];
    let asked = 0;
    const ask = (changeToken: string): Promise<Propagation> => {
      expect(changeToken).toBe('7');
      const answer = answers[Math.min(asked++, answers.length - 1)]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    let last = false;
    const show = (words: string, unsure: boolean): void => {
      shown.push(words);
      last = unsure;
    };
    await followPropagation('Revoked', first, show, { ask, wait: () => Promise.resolve() });
    return { shown, asked, unsure: last };
  }

  it('asks nothing if all processes have the change', async () => {
    expect(await follow(reach(3, 3, 41), [])).toEqual({
      shown: ['Revoked on 3 of 3 processes in 41 ms.'],
      asked: 0,
      unsure: false,
    });
  });

  it('asks until all processes have it, whatever fails meanwhile', async () => {
    const { shown, asked } = await follow(reach(1, 3), [reach(2, 3), new Error('away'), reach(3, 3)]);
    expect(asked).toBe(3);
    expect(shown).toEqual([
      'Revoked on 1 of 3 processes so far.',
      'Revoked on 2 of 3 processes so far.',
      'Revoked on 2 of 3 processes so far.',
      'Revoked on 3 of 3 processes.',
    ]);
  });

  it('keeps asking while no process responds', async () => {
    const { shown, asked, unsure } = await follow(reach(0, 0, 5), [reach(0, 0), reach(2, 2)]);
    expect([asked, unsure]).toEqual([2, false]);
    expect(shown.at(-1)).toBe('Revoked on 2 of 2 processes.');
  });

  it('gives up after ten attempts', async () => {
    const { shown, asked, unsure } = await follow(reach(2, 3), [reach(2, 3)]);
    expect([asked, unsure]).toEqual([10, true]);
    expect(shown.slice(0, -1).every((words) => words === 'Revoked on 2 of 3 processes so far.')).toBe(true);
    expect(shown.at(-1)).toContain('1 process has not confirmed it');
  });
});
