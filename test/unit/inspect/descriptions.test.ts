import { describe, expect, test } from 'vitest';
import { type Compare, identify } from '../../../src/inspect/descriptions.js';
import { parseFdInfo } from '../../../src/proc/fdinfo.js';
import { parseLink } from '../../../src/proc/link.js';
import type { Descriptor } from '../../../src/proc/process.js';

function descriptor(pid: number, fd: number, link: string, inode: number, more = ''): Descriptor {
  return { pid, fd, link: parseLink(link), info: parseFdInfo(`flags:\t02\nmnt_id:\t9\nino:\t${inode}\n${more}`) };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** The kernel's answers, where `of` says which description a descriptor means; undefined where it is closed. */
function kernel(of: (pid: number, fd: number) => number | undefined): Compare {
  return (pid1, pid2, fd1, fd2) => {
    const [one, other] = [of(pid1, fd1), of(pid2, fd2)];
    if (one === undefined || other === undefined) throw failure('EBADF');
    return one === other ? 0 : one < other ? 1 : 2;
  };
}

const refusing: Compare = () => {
  throw failure('EPERM');
};

function shown(descriptors: readonly Descriptor[], compare: Compare) {
  const { groups, refusal } = identify(descriptors, compare);
  const rows = groups.map(({ descriptors, proof }) => [
    descriptors.map(({ pid, fd }) => `${pid}:${fd}`).join(' '),
    proof,
  ]);
  return { rows, refusal };
}

describe('with kcmp', () => {
  test('a file that is shared and one that was opened anew are told apart', () => {
    const files = [1, 2, 3].map((pid) => descriptor(pid, 4, '/etc/hosts', 55));
    const { rows, refusal } = shown(
      files,
      kernel((pid) => (pid === 3 ? 20 : 10)),
    );
    expect(rows).toEqual([
      ['1:4 2:4', 'kcmp'],
      ['3:4', 'kcmp'],
    ]);
    expect(refusal).toBeNull();
  });

  test('only what has the same inode is compared', () => {
    const sockets = [descriptor(1, 4, 'socket:[7]', 7), descriptor(2, 4, 'socket:[8]', 8)];
    expect(shown(sockets, refusing)).toEqual({
      rows: [
        ['1:4', null],
        ['2:4', null],
      ],
      refusal: null,
    });
  });

  test('10,000 descriptors of the one inode that epoll instances have take n log n comparisons', () => {
    let calls = 0;
    const order = kernel((_, fd) => (fd * 7919) % 5000);
    const compare: Compare = (...ids) => {
      calls++;
      return order(...ids);
    };
    const all = Array.from({ length: 10_000 }, (_, fd) => descriptor(1, fd, 'anon_inode:[eventpoll]', 58));
    const { groups } = identify(all, compare);
    expect(groups).toHaveLength(5000);
    expect(groups.every(({ descriptors: [one, other] }) => (other?.fd ?? 0) - (one?.fd ?? 0) === 5000)).toBe(true);
    expect(calls).toBeLessThan(10_000 * Math.ceil(Math.log2(5000)));
  });

  test.each([1, 2, 3])('descriptor %i, which is closed by now, is left out', (closed) => {
    const files = [1, 2, 3].map((fd) => descriptor(1, fd, '/etc/hosts', 55));
    const { rows } = shown(
      files,
      kernel((_, fd) => (fd === closed ? undefined : 10)),
    );
    const open = [1, 2, 3].filter((fd) => fd !== closed).map((fd) => `1:${fd}`);
    expect(rows).toEqual([[open.join(' '), 'kcmp']]);
  });

  test('when a process ends meanwhile, the others are still told apart', () => {
    let calls = 0;
    const files = [1, 2, 3, 4].flatMap((pid) => [4, 5].map((fd) => descriptor(pid, fd, '/etc/hosts', 55)));
    const compare: Compare = (pid1, pid2, fd1, fd2) => {
      if (++calls > 3 && (pid1 === 1 || pid2 === 1)) throw failure('ESRCH');
      return fd1 === fd2 ? 0 : fd1 < fd2 ? 1 : 2;
    };
    expect(shown(files, compare).rows).toEqual([
      ['2:4 3:4 4:4', 'kcmp'],
      ['2:5 3:5 4:5', 'kcmp'],
    ]);
  });
});

describe('without the right to compare', () => {
  test('what has the same inode and access counts as one, and says why', () => {
    const pipe = 'pipe:[9]';
    const ends = [descriptor(1, 4, pipe, 9), descriptor(2, 4, pipe, 9)];
    const reading = { ...descriptor(1, 3, pipe, 9), info: parseFdInfo('flags:\t00\nmnt_id:\t9\nino:\t9\n') };
    expect(shown([...ends, reading], refusing)).toEqual({
      rows: [
        ['1:4 2:4', 'inode'],
        ['1:3', 'inode'],
      ],
      refusal: 'EPERM',
    });
  });

  test('the inode that all epoll instances have tells nothing', () => {
    const epolls = [1, 2].map((pid) => descriptor(pid, 4, 'anon_inode:[eventpoll]', 58));
    expect(shown(epolls, refusing).rows).toEqual([
      ['1:4', 'inode'],
      ['2:4', 'inode'],
    ]);
  });

  test('eventfds have a number of their own', () => {
    const events = [1, 1, 2].map((id, fd) => descriptor(1, fd, 'anon_inode:[eventfd]', 58, `eventfd-id: ${id}\n`));
    expect(shown(events, refusing).rows).toEqual([
      ['1:0 1:1', 'inode'],
      ['1:2', null],
    ]);
  });
});
