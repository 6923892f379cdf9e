import { inWords, jsonFault } from '@weft/adapters'
import { checkUnlabelled, type Probe, putProbesSchema } from '@weft/protocol'
import { Command } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { CliError } from '../../errors.ts'
import { inputText } from '../../input/input-file.ts'
import { outputOf } from '../../output/output.ts'

interface Options extends Connection {
  file?: string
  delete?: boolean
}

export const probes = (): Command =>
  connected(new Command('probes'))
    .description('the inputs that an adapter carries: what others learn to be silent on')
    .argument('<adapter>', 'style/speech or style/speech@2')
    .option('--file <file>', 'carry these instead: JSONL of {text}, {prompt}, {messages} or {tokens}, without answers, at most 64')
    .option('--delete', 'carry none')
    .action(async (id: string, options: Options) => {
      const weft = clientOf(options)
      const output = outputOf(options)
      if (options.delete && options.file !== undefined)
        throw new CliError('usage', '--file says which inputs to carry and --delete to carry none: give one of them.', 2)
      if (options.delete) return output.result(await weft.adapters.deleteProbes(id), () => `${id} carries no probes any more.`)
      const found = options.file === undefined ? await weft.adapters.probes(id) : await weft.adapters.setProbes(id, probesIn(options.file))
      output.result(found, () => found.map((probe) => JSON.stringify(probe)).join('\n'))
    })

/** The probes of a file, before anything is sent. Errors: `usage` for lines that are none, `probes_hold_labels` for rows that are answered. */
export const probesIn = (file: string): Probe[] => {
  const rows = inputText(file, 'a file of probes')
    .split('\n')
    .flatMap((line, at): unknown[] => {
      if (line.trim() === '') return []
      let row: unknown
      try {
        row = JSON.parse(line)
      } catch {
        throw new CliError('usage', `${file}, line ${at + 1} is not JSON; expected rows such as {"prompt": "…"}.`, 2)
      }
      const fault = jsonFault(line, row)
      if (fault !== undefined) throw new CliError('usage', `${file}, line ${at + 1}: ${fault}`, 2)
      return [row]
    })
  checkUnlabelled(rows)
  const { data, error } = putProbesSchema.safeParse({ data: rows })
  if (!data) {
    const [issue] = inWords(error.issues)
    const row = issue?.path[1]
    throw new CliError(
      'usage',
      `${file}: ${row === undefined ? `it has ${rows.length} rows; 1 to 64 are expected` : `${issue?.message} (row ${Number(row) + 1})`}.`,
      2,
    )
  }
  return data.data
}
