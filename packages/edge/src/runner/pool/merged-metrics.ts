/**
 * Several scrapes in Prometheus' text format as one, each sample with its runner's name as the label `runner`: every metric is described once, and all of
 * its samples follow, as the format asks.
 */
export function mergedMetrics(scrapes: readonly { runner: string; text: string }[]): string {
  const families = new Map<string, { described: string[]; samples: string[] }>()
  for (const { runner, text } of scrapes) {
    let family: { described: string[]; samples: string[] } | undefined
    for (const line of text.split('\n')) {
      const [, word, name] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? []
      if (name !== undefined) {
        family = families.get(name) ?? { described: [], samples: [] }
        families.set(name, family)
        if (!family.described.some((known) => known.startsWith(`# ${word} `))) family.described.push(line)
      } else if (line !== '' && !line.startsWith('#')) family?.samples.push(withLabel(line, runner))
    }
  }
  return `${[...families.values()].flatMap(({ described, samples }) => [...described, ...samples]).join('\n')}\n`
}

const withLabel = (sample: string, runner: string): string => {
  const label = `runner="${runner.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`
  const [, name = sample, labels, value = ''] = /^([^{\s]+)(\{.*\})?(\s.*)$/.exec(sample) ?? []
  return `${name}{${label}${labels === undefined || labels === '{}' ? '' : `,${labels.slice(1, -1)}`}}${value}`
}
