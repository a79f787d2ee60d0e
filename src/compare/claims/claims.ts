import type { Comparison } from '../comparison.js';
import * as evaluations from './evaluations.js';
import type { Evaluator } from './evidence.js';

export type { Evaluation, Verdict } from './evidence.js';

/** A sentence of the document, and what the comparison says of it. */
export interface Claim {
  readonly japanese: string;
  readonly english: string;
  /** The ids of the rows that support or contradict it. */
  readonly rows: readonly string[];
  readonly evaluate: Evaluator;
}

export interface Topic {
  readonly japanese: string;
  readonly english: string;
  readonly claims: readonly Claim[];
}

/** A list of the document in its order. */
export interface List {
  readonly id: string;
  readonly japanese: string;
  readonly english: string;
  readonly topics: readonly Topic[];
}

function topic(japanese: string, english: string, ...claims: Claim[]): Topic {
  return { japanese, english, claims };
}

function says(japanese: string, english: string, rows: readonly string[], evaluate: Evaluator): Claim {
  return { japanese, english, rows, evaluate };
}

const disadvantages: List = {
  id: 'disadvantages',
  japanese: '欠点：リソース効率の問題',
  english: 'disadvantages: how well resources are used',
  topics: [
    topic(
      '同時処理数の制限',
      'A limit of what is handled at once',
      says(
        'worker（子プロセス）の数 = 最大同時接続数',
        'The number of workers (child processes) is the largest number of simultaneous connections.',
        ['fourth-client'],
        evaluations.workersAreTheLimit,
      ),
      says(
        '上の例では3つのプロセスなので、4つ目のクライアントは待機状態になる',
        'In the example above there are three processes, so the fourth client waits.',
        ['fourth-client'],
        evaluations.fourthWaits,
      ),
      says(
        '大量の同時接続に対応するには、その分だけプロセスを事前に生成する必要がある',
        'For many simultaneous connections, as many processes must be made beforehand.',
        ['fourth-client', 'memory', 'fork'],
        evaluations.processEach,
      ),
    ),
    topic(
      'メモリ使用量の問題',
      'Memory',
      says(
        'プロセス1つあたり数MB〜数十MBのメモリを消費',
        'Each process takes several MB to several tens of MB of memory.',
        ['memory'],
        evaluations.memoryOfOne,
      ),
      says(
        '1000の同時接続 = 1000個のプロセス = 数GB〜数十GBのメモリが必要',
        '1000 simultaneous connections are 1000 processes, which need several GB to several tens of GB of memory.',
        ['memory'],
        evaluations.memoryOfThousand,
      ),
      says(
        'スレッドやイベント駆動型と比べてメモリ効率が悪い',
        'Memory is used less well than by threads or by an event-driven server.',
        ['memory', 'fourth-client'],
        evaluations.lessEfficient,
      ),
    ),
    topic(
      'プロセス生成・切り替えのオーバーヘッド',
      'The overhead of making processes and of switching between them',
      says(
        'プロセスの生成・破棄にはそれなりのCPU時間が必要',
        'Making and destroying processes takes considerable processor time.',
        ['fork', 'replace', 'round-trips'],
        evaluations.creationCosts,
      ),
      says(
        'プロセス間のコンテキストスイッチもコストが高い',
        'Context switches between processes are expensive, too.',
        ['round-trips', 'request-cost'],
        evaluations.switchingCosts,
      ),
    ),
  ],
};

const advantages: List = {
  id: 'advantages',
  japanese: '利点：堅牢性とシンプルさ',
  english: 'advantages: robustness and simplicity',
  topics: [
    topic(
      'アーキテクチャの単純さ',
      'A simple architecture',
      says(
        '各プロセスが独立しているため、コードの理解・デバッグが容易',
        'Each process is independent, so the code is easy to understand and to debug.',
        [],
        evaluations.unmeasured('how easy code is to understand is not a thing that a run shows'),
      ),
      says(
        '複雑な排他制御（ロック）が不要',
        'No complex mutual exclusion (locks) is needed.',
        ['who-accepts'],
        evaluations.unmeasured('that code never needs a lock is not a thing that a run shows', 'who-accepts'),
      ),
      says(
        'プロセス間でメモリを共有しないため、データ競合が起きない',
        'Processes share no memory, so there are no data races.',
        ['listener'],
        evaluations.unmeasured('that something never happens is not a thing that a run shows', 'listener'),
      ),
    ),
    topic(
      '障害の影響範囲が限定的',
      'Failures reach only so far',
      says(
        '1つのプロセスがクラッシュしても、他のクライアントには影響しない',
        'When one process crashes, the other clients are not affected.',
        ['worker-dies', 'worker-dies-under-load'],
        evaluations.crashStaysAlone,
      ),
      says(
        'メモリリークが発生しても、そのプロセスが終了すれば完全にクリーンアップされる',
        'Even when memory leaks, all of it is cleaned up when that process ends.',
        ['leak'],
        evaluations.leakCleaned,
      ),
      says(
        'バグがあるコードでも、影響は1つの接続に限定される',
        'Even with code that has a bug, the effect is limited to one connection.',
        ['worker-dies'],
        evaluations.oneConnection,
      ),
    ),
    topic(
      'セキュリティの向上',
      'Better security',
      says(
        'プロセス間の分離により、セキュリティホールの影響を限定化',
        'The separation of processes limits the effect of a security hole.',
        [],
        evaluations.unmeasured('nothing here attacks a worker'),
      ),
      says(
        'システムコールレベルでの分離が効いている',
        'The separation at the level of system calls is effective.',
        ['listener'],
        evaluations.unmeasured('nothing here attacks a worker', 'listener'),
      ),
    ),
    topic(
      '安定性',
      'Stability',
      says(
        '実績のあるアーキテクチャ（Apache HTTPDなどで長年使用）',
        'It is a proven architecture (used for many years in Apache HTTPD and others).',
        [],
        evaluations.unmeasured('no measurement shows years of use'),
      ),
      says(
        'プロセスの独立性により、予期しない相互作用が少ない',
        'Since the processes are independent, there are few unexpected interactions.',
        ['worker-dies', 'burn'],
        evaluations.fewInteractions,
      ),
    ),
  ],
};

const fits: List = {
  id: 'fits',
  japanese: '適用場面',
  english: 'where it fits',
  topics: [
    topic(
      'preforkモデルは以下のような場面で威力を発揮します',
      'The prefork model shows its strength in these situations',
      says(
        '安定性重視：金融システムなど、確実性が最優先の場合',
        'Stability first: financial systems and others where certainty comes before everything.',
        ['worker-dies', 'parent-dies'],
        evaluations.sturdy,
      ),
      says(
        'CPU集約的：各リクエストが重い計算処理を行う場合',
        'CPU-intensive work: each request computes heavily.',
        ['burn'],
        evaluations.suitsHeavyRequests,
      ),
      says(
        '開発効率重視：複雑な並行処理制御を避けたい場合',
        'Efficient development: complex control of concurrency is to be avoided.',
        [],
        evaluations.unmeasured('how fast people write code is not a thing that a run shows'),
      ),
      says(
        '中程度の負荷：数百〜数千接続程度で十分な場合',
        'Medium load: several hundred to several thousand connections are enough.',
        ['memory'],
        evaluations.suitsMediumLoad,
      ),
    ),
    topic(
      '逆に',
      'On the other hand',
      says(
        '数万〜数十万の同時接続が必要な場合は、Node.jsのようなイベント駆動型やGoのようなgoroutineベースのアーキテクチャの方が適しています。',
        'For tens to hundreds of thousands of simultaneous connections, an event-driven architecture as in Node.js, or one based on goroutines as in Go, is more suitable.',
        ['memory', 'fourth-client'],
        evaluations.unfitForMany,
      ),
    ),
  ],
};

/** All that the document says for and against prefork. */
export const DOCUMENT: readonly List[] = [disadvantages, advantages, fits];

/** The lists without the claims whose rows were not compared; without any that has no row, unless all were. */
export function documentOf({ rows }: Comparison): List[] {
  const compared = new Set(rows.map(({ id }) => id));
  const isCompared = (claim: Claim) => claim.rows.every((id) => compared.has(id));
  const claims = DOCUMENT.flatMap(({ topics }) => topics.flatMap((each) => each.claims));
  if (claims.every(isCompared)) return [...DOCUMENT];
  const hasEvidence = (claim: Claim) => claim.rows.length > 0 && isCompared(claim);
  return DOCUMENT.map((list) => ({
    ...list,
    topics: list.topics
      .map((each) => ({ ...each, claims: each.claims.filter(hasEvidence) }))
      .filter((each) => each.claims.length > 0),
  })).filter((list) => list.topics.length > 0);
}
