/** Where results go: stdout, as text for people or as JSON for programs. Progress and errors go to stderr. */
export interface Output {
  readonly json: boolean
  /** The result: `value` as one JSON line, or `text` of it. */
  result(value: unknown, text: () => string): void
  /** Something said on the way; not in JSON mode. */
  note(text: string): void
}

const stdoutNames: ReadonlySet<string> = new Set(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])

/** Whether a file that is named to write into is stdout: `-`, as other programs have it, or by a name of the system's. */
export const isStdout = (path: string): boolean => stdoutNames.has(path)

/** @param written where the command writes what it was asked for; where that is stdout, the result is told on stderr, and is in nobody's way */
export const outputOf = ({ json = false }: { json?: boolean }, written?: string): Output => ({
  json,
  result: (value, text) => process[written !== undefined && isStdout(written) ? 'stderr' : 'stdout'].write(`${json ? JSON.stringify(value) : text()}\n`),
  note: (text) => {
    if (!json) process.stderr.write(`${text}\n`)
  },
})

/** Columns aligned to their widest cell; numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const cells = [head, ...rows].map((row) => row.map((cell) => onOneLine(String(cell))))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => lengthOf(row[column] ?? ''))))
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.,]+( ?[%×a-zA-Z/]*)?$|^–$/.test(String(row[column]))))
  return cells
    .map((row) =>
      row
        .map((cell, column) => {
          const room = ' '.repeat(widths[column]! - lengthOf(cell))
          return numeric[column] ? room + cell : cell + room
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const lengthOf = (cell: string): number => [...cell].length

/**
 * What somebody else named, such as a file or a key, may hold what moves a terminal's cursor, colours it, or turns the direction of writing: such characters are
 * shown by their numbers, and a line's end as one character.
 */
const onOneLine = (cell: string): string =>
  cell.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (letter) =>
    letter === '\n' ? '⏎' : letter === '\t' ? ' ' : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** `1:05`, or `42 s`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`
}

/** In units of 1000, as disks and networks are sold and the documentation says sizes: `1 B`, `182.3 kB`, `11.0 MB`. */
export const bytes = (count: number): string =>
  count < 1e3 ? `${count} B` : count < 999_950 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`
