import { Link } from '../../../routing/link.tsx'
import { addressOf } from '../../../routing/location.ts'
import { type Edge, layered } from './lineage.ts'

const WIDTH = 190
const GAP = 60
const HEIGHT = 44
const ROW = 60

/** Drawn: what a version was made with on its left, what was made with it on its right. The links beneath say the same in words. */
export const LineageGraph = ({ id, edges, known }: { id: string; edges: readonly Edge[]; known: ReadonlySet<string> }) => {
  const layers = layered(id, edges)
  const places = new Map(layers.flatMap((layer, column) => layer.map((one, row) => [one, { x: column * (WIDTH + GAP), y: row * ROW }] as const)))
  const drawn = edges.filter(({ from, to }) => places.has(from) && places.has(to))
  const width = layers.length * (WIDTH + GAP) - GAP
  const height = Math.max(...layers.map(({ length }) => length)) * ROW
  if (layers.length === 1) return <p>It was made from nothing else, and nothing was made from it.</p>
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which a keyboard must be able to do */}
      <section class="lineage" aria-label="Lineage, drawn" tabIndex={0}>
        <svg width={width + 8} height={height} role="img" aria-label={`Lineage of ${id}: ${drawn.map(({ from, to }) => `${from} leads to ${to}`).join(', ')}`}>
          {drawn.map(({ from, to }) => {
            const [a, b] = [places.get(from)!, places.get(to)!]
            const [x, y, toX, toY] = [a.x + WIDTH, a.y + HEIGHT / 2, b.x, b.y + HEIGHT / 2]
            return <path key={`${from}→${to}`} class="lineage-edge" d={`M${x} ${y}C${x + GAP / 2} ${y} ${toX - GAP / 2} ${toY} ${toX} ${toY}`} />
          })}
          {[...places].map(([one, { x, y }]) => (
            <g key={one} transform={`translate(${x + 2} ${y + 2})`}>
              <rect class={one === id ? 'lineage-node lineage-this' : 'lineage-node'} width={WIDTH - 4} height={HEIGHT - 4} rx={6} />
              <text x={10} y={25}>
                {one.length > 24 ? `${one.slice(0, 23)}…` : one}
              </text>
            </g>
          ))}
        </svg>
      </section>
      <ul aria-label="Lineage">
        {drawn.map(({ from, to }) => (
          <li key={`${from}→${to}`}>
            <Version id={to} known={known} /> was made with <Version id={from} known={known} />
          </li>
        ))}
      </ul>
    </>
  )
}

const Version = ({ id, known }: { id: string; known: ReadonlySet<string> }) =>
  known.has(id) ? <Link to={addressOf('adapters', id)}>{id}</Link> : <span>{id} (no longer here)</span>
