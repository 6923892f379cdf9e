/** One line of name and value each; what has parts is told part by part: `warm.ttft_ms`. */
export const listed = (result: object): string => {
  const lines = flat(result)
  const width = Math.max(32, ...lines.map(([name]) => name.length))
  return lines.map(([name, value]) => `${name.padEnd(width)} ${value}`.trimEnd()).join('\n')
}

const flat = (value: unknown, name = ''): [string, string][] => {
  if (value === undefined) return []
  if (value === null) return [[name, '–']]
  if (typeof value !== 'object') return [[name, String(value)]]
  if (Array.isArray(value) && value.every((each) => each === null || typeof each !== 'object')) return [[name, value.map((each) => each ?? '–').join(', ')]]
  return Object.entries(value).flatMap(([key, each]) => flat(each, name === '' ? key : `${name}.${key}`))
}
