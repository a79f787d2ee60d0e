import type { Comparison } from '../comparison.js';
import { EVALUATIONS } from './evaluations.js';
import type { Evaluator } from './evidence.js';

export type { Evaluation, Verdict } from './evidence.js';

interface InBothLanguages {
  readonly japanese: string;
  readonly english: string;
}

/** A sentence of the document, what the comparison says of it, and the rows that it is held against. */
export interface Claim extends InBothLanguages, Evaluator {}

export interface Topic extends InBothLanguages {
  readonly claims: readonly Claim[];
}

/** A list of the document in its order. */
export interface List extends InBothLanguages {
  readonly id: string;
  readonly topics: readonly Topic[];
}

/** The document's lists (#) and topics (##), and its sentences, each after the name of its evaluation. */
const TEXT = `
# disadvantages: 欠点：リソース効率の問題
  disadvantages: how well resources are used
## 同時処理数の制限
  A limit of what is handled at once
workersAreTheLimit: worker（子プロセス）の数 = 最大同時接続数
  The number of workers (child processes) is the largest number of simultaneous connections.
fourthWaits: 上の例では3つのプロセスなので、4つ目のクライアントは待機状態になる
  In the example above there are three processes, so the fourth client waits.
processEach: 大量の同時接続に対応するには、その分だけプロセスを事前に生成する必要がある
  For many simultaneous connections, as many processes must be made beforehand.
## メモリ使用量の問題
  Memory
memoryOfOne: プロセス1つあたり数MB〜数十MBのメモリを消費
  Each process takes several MB to several tens of MB of memory.
memoryOfThousand: 1000の同時接続 = 1000個のプロセス = 数GB〜数十GBのメモリが必要
  1000 simultaneous connections are 1000 processes, which need several GB to several tens of GB of memory.
lessEfficient: スレッドやイベント駆動型と比べてメモリ効率が悪い
  Memory is used less well than by threads or by an event-driven server.
## プロセス生成・切り替えのオーバーヘッド
  The overhead of making processes and of switching between them
creationCosts: プロセスの生成・破棄にはそれなりのCPU時間が必要
  Making and destroying processes takes considerable processor time.
switchingCosts: プロセス間のコンテキストスイッチもコストが高い
  Context switches between processes are expensive, too.
# advantages: 利点：堅牢性とシンプルさ
  advantages: robustness and simplicity
## アーキテクチャの単純さ
  A simple architecture
independence: 各プロセスが独立しているため、コードの理解・デバッグが容易
  Each process is independent, so the code is easy to understand and to debug.
noLocks: 複雑な排他制御（ロック）が不要
  No complex mutual exclusion (locks) is needed.
noRaces: プロセス間でメモリを共有しないため、データ競合が起きない
  Processes share no memory, so there are no data races.
## 障害の影響範囲が限定的
  Failures reach only so far
crashStaysAlone: 1つのプロセスがクラッシュしても、他のクライアントには影響しない
  When one process crashes, the other clients are not affected.
leakCleaned: メモリリークが発生しても、そのプロセスが終了すれば完全にクリーンアップされる
  Even when memory leaks, all of it is cleaned up when that process ends.
oneConnection: バグがあるコードでも、影響は1つの接続に限定される
  Even with code that has a bug, the effect is limited to one connection.
## セキュリティの向上
  Better security
isolation: プロセス間の分離により、セキュリティホールの影響を限定化
  The separation of processes limits the effect of a security hole.
systemCalls: システムコールレベルでの分離が効いている
  The separation at the level of system calls is effective.
## 安定性
  Stability
yearsOfUse: 実績のあるアーキテクチャ（Apache HTTPDなどで長年使用）
  It is a proven architecture (used for many years in Apache HTTPD and others).
fewInteractions: プロセスの独立性により、予期しない相互作用が少ない
  Since the processes are independent, there are few unexpected interactions.
# fits: 適用場面
  where it fits
## preforkモデルは以下のような場面で威力を発揮します
  The prefork model shows its strength in these situations
sturdy: 安定性重視：金融システムなど、確実性が最優先の場合
  Stability first: financial systems and others where certainty comes before everything.
suitsHeavyRequests: CPU集約的：各リクエストが重い計算処理を行う場合
  CPU-intensive work: each request computes heavily.
efficientDevelopment: 開発効率重視：複雑な並行処理制御を避けたい場合
  Efficient development: complex control of concurrency is to be avoided.
suitsMediumLoad: 中程度の負荷：数百〜数千接続程度で十分な場合
  Medium load: several hundred to several thousand connections are enough.
## 逆に
  On the other hand
unfitForMany: 数万〜数十万の同時接続が必要な場合は、Node.jsのようなイベント駆動型やGoのようなgoroutineベースのアーキテクチャの方が適しています。
  For tens to hundreds of thousands of simultaneous connections, an event-driven architecture as in Node.js, or one based on goroutines as in Go, is more suitable.
`;

/** All that the document says for and against prefork. */
export const DOCUMENT: readonly List[] = TEXT.split('\n# ').slice(1).map(listFrom);

function listFrom(text: string): List {
  const [list = '', ...topics] = text.split('\n## ');
  return {
    ...named(list),
    topics: topics.map((topic) => {
      const [title = '', ...claims] = topic.trimEnd().split(/\n(?! )/);
      return { ...named(title), claims: claims.map(claimFrom) };
    }),
  };
}

function claimFrom(text: string): Claim {
  const { id, ...sentence } = named(text);
  return { ...sentence, ...(EVALUATIONS[id] as Evaluator) };
}

/** 'id: Japanese', without the id for topics, and English on the next line. */
function named(text: string) {
  const [, id = '', japanese = '', english = ''] = /^(?:(\w+): )?(.*)\n {2}(.*)$/.exec(text) ?? [];
  return { id, japanese, english };
}

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
