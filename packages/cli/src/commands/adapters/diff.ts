import { latest, parse, print } from '@weft/adapters'
import type { AdapterDiff } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { CliError } from '../../errors.ts'
import { outputOf, table } from '../../output/output.ts'

/** The name of `style/speech@2`, and which version that is. */
function versionOf(text: string): { name: string; which: string } {
  const ref = parse(text)
  if (ref.kind !== 'adapter') throw new CliError('usage', `"${text}" is no adapter; expected one such as style/speech@2.`, 2)
  return { name: ref.name, which: print(ref).slice(ref.name.length + 1) || latest }
}

const number = (value: number | null): string => (value === null ? '–' : Number.isInteger(value) ? String(value) : value.toPrecision(4))
const shown = (value: unknown): string => (value === null ? '–' : JSON.stringify(value))
const rowsOf = (file: AdapterDiff['data'][number]['from']): string =>
  file ? `${file.digest.slice(0, 19)}${file.rows === null ? '' : ` (${file.rows} rows)`}` : '–'

function listing({ from, to, identical, config, data, metrics, sites, changed }: AdapterDiff): string {
  const parts: [string[], string[][]][] = [
    [['setting', from.id, to.id], config.map((each) => [each.path, shown(each.from), shown(each.to)])],
    [['data', from.id, to.id], data.map((each) => [each.same ? `${each.file} (same)` : each.file, rowsOf(each.from), rowsOf(each.to)])],
    [['metric', from.id, to.id, 'change'], metrics.map((each) => [each.name, number(each.from), number(each.to), number(each.change)])],
    [['site', 'values', 'relative distance', 'cosine'], sites.map((each) => [each.site, String(each.values), number(each.relative), number(each.cosine)])],
    [['changed tensor', from.id, to.id], changed.map((each) => [each.tensor, shown(each.from), shown(each.to)])],
  ]
  const tables = parts.filter(([, rows]) => rows.length > 0).map(([head, rows]) => table(head, rows))
  return [`${from.id} and ${to.id}${identical ? ' are the same file' : ''}`, ...tables].join('\n\n')
}

/** `weft diff` */
export const diff = (): Command =>
  connected(new Command('diff'))
    .argument('<from>', 'name@version or name@alias')
    .argument('[to]', 'another version of the same name (default: what the name stands for)')
    .description('compare two versions: settings, data, metrics, and how far the tensors are apart')
    .action(async (from: string, to: string | undefined, options: Connection) => {
      const one = versionOf(from)
      const other = to === undefined ? { name: one.name, which: latest } : versionOf(to)
      if (one.name !== other.name) throw new CliError('usage', `Two versions of one name are compared; these are of "${one.name}" and "${other.name}".`, 2)
      const answer = await clientOf(options).adapters.diff(one.name, one.which, other.which)
      outputOf(options).result(answer, () => listing(answer))
    })
