import { useEffect, useRef } from 'preact/hooks'
import Plot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface Curve {
  name: string
  /** A value for each of `x`; null where there is none. */
  values: readonly (number | null)[]
}

interface CurvesProps {
  /** What the curves show, for those who do not see them: it should say the last values. */
  label: string
  x: readonly number[]
  xName: string
  curves: readonly Curve[]
  height?: number
}

const lines = ['--accent', '--warn', '--good', '--bad']

/** Curves over one axis, as wide as their place; drawn anew as values come, and in the colours of the theme. */
export const Curves = ({ label, x, xName, curves, height = 240 }: CurvesProps) => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | undefined>(undefined)
  const names = curves.map(({ name }) => name).join('\n')
  useEffect(() => {
    const box = place.current!
    const colour = colourIn(box)
    const axis = { stroke: colour('--ink'), grid: { stroke: colour('--line') }, ticks: { stroke: colour('--line') } }
    const options: Plot.Options = {
      width: box.clientWidth,
      height,
      scales: { x: { time: false } },
      axes: [{ ...axis, label: xName }, axis],
      series: [{ label: xName }, ...names.split('\n').map((name, n) => ({ label: name, stroke: colour(lines[n % lines.length]!), width: 2, spanGaps: true }))],
    }
    plot.current = new Plot(options, [[]], box)
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
    }
  }, [names, xName, height])
  useEffect(() => plot.current?.setData([[...x], ...curves.map(({ values }) => [...values])]), [x, curves, names, xName, height])
  return <div ref={place} class="curves" role="img" aria-label={label} />
}

/** Looked up at every drawing, so that a change of theme is seen at the next. A canvas knows no variables: the computed colour is what it gets. */
const colourIn = (box: HTMLElement) => (name: string) => (): string => {
  box.style.color = `var(${name})`
  const { color } = getComputedStyle(box)
  box.style.color = ''
  return color
}
