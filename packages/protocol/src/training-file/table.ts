/** A table's first line: what parts its columns, and what they are called. */
interface TableHead {
  separator: string
  columns: string[]
}

const names: Readonly<Record<string, string>> = { ',': 'CSV', '\t': 'TSV', ';': 'CSV with semicolons' }
const column = /^"?[\p{L}_][\p{L}\p{N}_ -]{0,63}"?$/u

/** The head of a CSV or TSV file, where a first line that is no JSON looks like one: names, parted by commas, tabulators or semicolons. Words behind a comma and a blank are prose. */
export function headOfTable(line: string): TableHead | undefined {
  for (const separator of Object.keys(names)) {
    const columns = line.trim().split(separator)
    if (columns.length > 1 && columns.every((name) => column.test(name.trim()) && !(/^\s/.test(columns[1]!) && /\s/.test(name.trim()))))
      return { separator, columns: columns.map((name) => name.trim().replaceAll('"', '')) }
  }
  return undefined
}

/** What it is, and how it becomes rows. Which column is what, only its owner knows. Excel begins what it writes as CSV with a byte order mark, which is no part of the first name. */
export const tableInWords = ({ separator, columns }: TableHead): string =>
  `it looks like ${names[separator]} with the columns ${columns.map((name) => JSON.stringify(name)).join(', ')}; rows are JSON, an object in each line. This writes them: ` +
  `python3 -c 'import csv, json; [print(json.dumps(row)) for row in csv.DictReader(open(0, encoding="utf-8-sig", newline="")${separator === ',' ? '' : `, delimiter=${JSON.stringify(separator)}`})]' < FILE > rows.jsonl; ` +
  'call the columns what a row has ("text", "label", …), and leave others out'
