import { useEffect, useRef, useState } from 'preact/hooks';
import type { Figure } from '../figure.js';
import { type Box, colorOf, layoutOf, portText } from './layout.js';
import { doing, sentence, type Words } from './words.js';

/** The figure: processes, their descriptors, the one description that they share, its queue, and where each client is. */
export function Drawing({ figure, words }: { readonly figure: Figure; readonly words: Words }) {
  const [width, ref] = useWidth();
  const { memo, cards, chips, hidden, height } = layoutOf(figure, width);
  const [listener] = figure.listeners;
  const center = memo.x + memo.width / 2;
  return (
    <div class="drawing" ref={ref}>
      <svg aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {listener &&
          cards.map(({ process, box, parent }) => {
            if (!listener.holders.some(({ pid }) => pid === process.pid)) return null;
            return <path key={process.pid} class={`line ${doing(process, figure)}`} d={lineTo(memo, box, parent)} />;
          })}
        {listener && (
          <g class="memo" style={{ transform: `translate(${memo.x}px, ${memo.y}px)` }}>
            <rect width={memo.width} height={memo.height} rx="14" />
            <text x="14" y="24" class="small">
              {words.memo}
            </text>
            <text x="14" y="49" class="big">
              {words.listens} {listener.address}
            </text>
            <text x="14" y="72" class="small">
              {words.shared(new Set(listener.holders.map(({ pid }) => pid)).size)}
              {listener.proof && ` · ${words.proof[listener.proof]}`}
            </text>
            <line x1="14" x2={memo.width - 14} y1="84" y2="84" />
            {listener.waiting.length === 0 && (
              <text x="14" y="111" class="small">
                {words.queue(listener.queued, listener.backlog)}
              </text>
            )}
            {listener.waiting.length > 0 && (
              <text x={memo.width - 14} y="72" class="small end strong">
                {words.queue(listener.queued, listener.backlog)}
              </text>
            )}
          </g>
        )}
        {cards.map(({ process, box, parent }) => {
          const fds = listener?.holders.filter(({ pid }) => pid === process.pid) ?? [];
          return (
            <g
              key={`${process.pid} ${process.start}`}
              class={`card ${doing(process, figure)}`}
              style={{ transform: `translate(${box.x}px, ${box.y}px)` }}
            >
              <rect width={box.width} height={box.height} rx="14" />
              <circle cx="20" cy="23" r="6" />
              <text x="34" y="28" class="big">
                {parent ? words.parent : words.child} {process.pid}
              </text>
              <text x="14" y="52" class="small">
                {lines(sentence(process, figure, words), box.width).map((line, index) => (
                  <tspan key={index} x="14" dy={index * 18}>
                    {line}
                  </tspan>
                ))}
              </text>
              {fds.map(({ fd }, index) => (
                <g key={fd} class="fd" style={{ transform: `translate(${box.width - 52 - index * 50}px, 10px)` }}>
                  <rect width="42" height="22" rx="6" />
                  <text x="21" y="15">
                    fd {fd}
                  </text>
                </g>
              ))}
            </g>
          );
        })}
        {chips.map(({ address, x, y, queued }) => (
          <g
            key={address}
            class={`chip c${colorOf(address)}${queued ? ' queued' : ''}`}
            style={{
              transform: `translate(${x}px, ${y}px)`,
              '--from': `translate(${center - 38}px, -30px)`,
              '--queue': `translate(${memo.x + 12}px, ${memo.y + 94}px)`,
            }}
          >
            <rect width="76" height="24" rx="12" />
            <circle cx="13" cy="12" r="4" />
            <text x="24" y="16.5">
              {portText(address)}
            </text>
          </g>
        ))}
        {hidden.map(({ x, y, count }) => (
          <text key={`${x} ${y}`} x={x + 4} y={y + 17} class="small strong">
            {words.more(count)}
          </text>
        ))}
      </svg>
    </div>
  );
}

function lineTo(memo: Box, box: Box, parent: boolean): string {
  if (parent && memo.y < box.y + box.height) {
    return `M ${box.x + box.width} ${box.y + box.height / 2} H ${memo.x}`;
  }
  const x = box.x + box.width / 2;
  if (parent) return `M ${x} ${box.y + box.height} V ${memo.y}`;
  const from = memo.y + memo.height;
  const at = Math.min(Math.max(x, memo.x + 30), memo.x + memo.width - 30);
  const middle = from + Math.min(40, (box.y - from) / 2);
  return `M ${x} ${box.y} C ${x} ${middle}, ${at} ${middle}, ${at} ${from}`;
}

/** SVG text does not wrap. */
function lines(text: string, width: number): string[] {
  const room = Math.floor((width - 20) / (/[぀-ヿ一-鿿]/.test(text) ? 9 : 6.8));
  if (text.length <= room) return [text];
  const space = text.lastIndexOf(' ', room);
  const at = space > 0 ? space : room;
  return [text.slice(0, at), text.slice(at).trim()];
}

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(960);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [width, ref] as const;
}
