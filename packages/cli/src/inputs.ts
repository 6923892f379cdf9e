/** Texts of a file: of JSON lines what is asked (`prompt`, else `text`), of other lines the lines themselves. */
export const inputsOf = (content: string): string[] => content.split('\n').filter((line) => line.trim() !== '').map((line) => {
  try {
    const row = JSON.parse(line) as { prompt?: unknown; text?: unknown } | string
    if (typeof row === 'string') return row
    const text = row.prompt ?? row.text
    return typeof text === 'string' ? text : line
  } catch {
    return line
  }
})
