import { existsSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { type Connection, clientOf, connected } from '../../connection.ts'
import { CliError } from '../../errors.ts'
import { compositionsAsked } from '../../input/compositions/route-compositions.ts'
import { inputFile, inputText } from '../../input/input-file.ts'
import { namedFile } from '../../input/named-files.ts'
import { eachOnce } from '../../input/names.ts'
import { probesOf } from '../../input/probes.ts'
import { measureInterference, type Watcher } from '../../interference.ts'
import { defaultConfig } from '../../launcher/project.ts'
import { whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { progressOf } from '../../watching/progress.ts'

interface Options extends Connection {
  probe: [name: string, file: string][]
  adapter: Record<string, string>
  model?: string
  tokens: number
  choice: string[]
  threads?: number
  config: string
}

/** `FILE` for every adapter, or `NAME=FILE` for one. */
const probe = (text: string, into: [string, string][]): [string, string][] => {
  const at = text.indexOf('=')
  const [name, file] = at > 0 && !existsSync(text) ? [text.slice(0, at), text.slice(at + 1)] : ['', text]
  if (into.some(([other]) => other === name))
    throw new InvalidArgumentError(`${name || 'probes of all adapters'} ${name ? 'is' : 'are'} said twice; say ${name ? 'it' : 'them'} once.`)
  return [...into, [name, file]]
}

export const interfere = (): Command =>
  connected(new Command('interfere'))
    .description('measure how much each adapter changes inside a composition, before anything is published')
    .argument('<expressions...>', 'compositions to try, or routes, each in all that it stands for')
    .option(
      '--probe <file>',
      "inputs without labels, 12 to 48: JSONL of {text} or {prompt, completion?}, or plain lines; NAME=FILE for one adapter's own (repeatable; default: what each adapter carries)",
      probe,
      [],
    )
    .option('--adapter <name=file>', 'an adapter from a file, published or not (repeatable); the others come from the edge', namedFile, {})
    .option('--model <dir-or-hub-id>', 'the base model (default: what the adapters were made on)')
    .option('--tokens <n>', 'tokens an adapter answers with where a probe has no completion', whole(1), 12)
    .option('--choice <text>', 'an answer to choose from, for adapters that tell labels without a head (repeatable)', eachOnce, [])
    .option('--threads <n>', 'threads', whole(1))
    .option('--config <file>', 'where the base model is named', defaultConfig)
    .addHelpText('after', '\nExample:\n  npx weft interfere "mail/spam + style/speech"')
    .action(async (expressions: string[], options: Options) => {
      if (options.choice.length === 1) throw new CliError('usage', '--choice gives one answer to choose from; give two or more, one option each.', 2)
      const probes: Record<string, { prompt: string; completion?: string }[]> = {}
      for (const [name, file] of options.probe) probes[name] = probesOf(inputText(file, 'a file of inputs'))
      const files = new Map(Object.entries(options.adapter).map(([name, file]) => [name, inputFile(file, "an adapter's safetensors file")]))
      const output = outputOf(options)
      const progress = progressOf({ silent: output.json })
      const weft = clientOf(options)
      const asked = await compositionsAsked(weft, expressions, progress.say, files.keys())
      const lines = new Map(asked.map((expression) => [expression, progress.line(expression)]))
      const watcher: Watcher = { note: progress.say, step: (expression, step) => lines.get(expression)!.update(step) }
      const { adapter: _, probe: __, choice: choices, ...rest } = options
      const reports = await measureInterference(weft, { ...rest, expressions: asked, probes, files, choices }, watcher).finally(() => progress.stop())
      output.result(reports, () =>
        reports
          .map(({ expression, verdict, adapters, evidence }) =>
            [
              `${expression}: ${verdict}`,
              '',
              table(
                ['adapter', 'inputs', 'should keep', 'KL (nats)', 'labels moved', 'verdict'],
                adapters.map((each) => [
                  ...[each.adapter, each.inputs, each.kept.toFixed(2), each.divergence.toFixed(3)],
                  ...[each.labels ? each.labels.shift.toFixed(2) : '–', each.verdict],
                ]),
              ),
              '',
              ...adapters.map(({ adapter, advice }) => `${adapter}: ${advice}`),
              evidence,
            ].join('\n'),
          )
          .join('\n\n'),
      )
    })
