/** One line of Prometheus' text format. */
export interface Sample {
  name: string
  labels: Readonly<Record<string, string>>
  value: number
}

const unescaped = (text: string): string => text.replace(/\\(["\\n])/g, (_, char: string) => (char === 'n' ? '\n' : char))

/** Samples of a scrape; comments, and what is no sample, are left out. */
export function readSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (name === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, unescaped(text!)])
    return [{ name, labels: Object.fromEntries(pairs), value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) }]
  })
}

/** The sum of a name's samples whose labels are these. */
export const sumOf = (samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number =>
  samples
    .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)

/**
 * A quantile of what a histogram counted between two scrapes, by linear interpolation within its bucket, as Prometheus does it; undefined
 * where it counted nothing.
 */
export function quantileOf(q: number, name: string, now: readonly Sample[], before: readonly Sample[] = []): number | undefined {
  const bounds = [...new Set(now.filter((sample) => sample.name === `${name}_bucket`).map(({ labels }) => labels.le!))]
  const buckets = bounds
    .map((le) => ({
      bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
      count: sumOf(now, `${name}_bucket`, { le }) - sumOf(before, `${name}_bucket`, { le }),
    }))
    .sort((a, b) => a.bound - b.bound)
  const total = buckets.at(-1)?.count ?? 0
  if (!(total > 0)) return undefined
  const at = buckets.findIndex(({ count }) => count >= q * total)
  const { bound, count } = buckets[at]!
  const below = buckets[at - 1] ?? { bound: 0, count: 0 }
  if (bound === Number.POSITIVE_INFINITY) return below.bound
  return below.bound + ((bound - below.bound) * (q * total - below.count)) / (count - below.count)
}
