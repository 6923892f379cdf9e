import { fileURLToPath } from 'node:url'
import { rowForms } from '@weft/protocol'
import { Command, Option } from 'commander'
import { connected } from '../../connection.ts'
import { inputRows } from '../../input/input-file.ts'
import { precision } from '../../input/precision.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole } from '../../numbers.ts'
import { listed } from '../../output/listed.ts'
import { outputOf, table } from '../../output/output.ts'
import { progressOf } from '../../watching/progress.ts'
import { benchComposeCommand } from './compose.ts'
import { benchCompressCommand } from './compress.ts'
import { benchDefaultsCommand } from './defaults.ts'
import { benchEdgeCommand } from './edge.ts'
import { benchEvidenceCommand } from './evidence.ts'
import { benchJointCommand } from './joint.ts'
import { benchMethodsCommand } from './methods.ts'
import { benchMixCommand } from './mix.ts'
import { benchPerplexityCommand } from './perplexity.ts'
import { profileTable } from './profile-table.ts'
import { benchScaleCommand } from './scale.ts'
import { benchSteerCommand } from './steer.ts'
import { benchTasksCommand } from './tasks.ts'

const device = (): Option => new Option('--device <name>', 'where to compute').choices(['cpu', 'cuda', 'webgpu']).default('cpu')
const bundled = fileURLToPath(import.meta.resolve('@weft/base-model/package.json')).replace(/package\.json$/, '')

export const bench = (): Command => {
  const command = new Command('bench').description('measure training, inference, and how good adapters are')
  command
    .command('train')
    .description('time optimizer steps on random tokens, or on a training file')
    .option('--model <dir-config-or-shape>', 'model folder; for random weights a bare config.json, or smollm2, gpt2-small, bert-base, t5-small', bundled)
    .option('--method <id>', 'method, at its default config', 'prompt-tuning')
    .option('--task <task>', "CAUSAL_LM, SEQ_CLS, …; the model's first unless said")
    .option('--batch <n>', 'rows', whole(1), 8)
    .option('--tokens <n>', 'tokens a row', whole(1), 108)
    .option('--virtual-tokens <n>', 'virtual tokens', whole(1), 20)
    .option('--steps <n>', 'steps to time', whole(1), 10)
    .option('--data <file>', 'a training file: adds real_tokens_per_s, over its own rows in the batches of a job')
    .addOption(precision())
    .option('--threads <n>', 'threads', whole(1))
    .addOption(device())
    .option('--json', 'print one line of JSON')
    .action(async (options, command: Command) => {
      const { readsVirtualTokens } = await import('@weft/bench/virtual-tokens')
      if (!readsVirtualTokens(options.method)) refuseUnread(command, ['virtualTokens'], { beside: `--method ${options.method}` })
      if (options.data !== undefined) inputRows(options.data, rowForms)
      const { benchTrain } = await import('@weft/bench/training/train')
      outputOf(options).note(`${options.steps} steps of ${options.method}, batch ${options.batch}, ${options.tokens} + ${options.virtualTokens} tokens …`)
      const { benchFile } = await import('@weft/bench/training/file')
      const ofFile = options.data === undefined ? {} : await benchFile(options)
      const result = { ...(await benchTrain(options)), ...ofFile }
      outputOf(options).result(result, () => listed(result))
    })
  benchJointCommand(command.command('joint').option('--model <dir-config-or-shape>', 'as for train', bundled).addOption(device()), listed)
  benchEdgeCommand(command.command('edge'), listed)
  benchScaleCommand(command.command('scale'), listed)
  benchMethodsCommand(command.command('methods').option('--model <dir-config-or-shape>', 'as for train', bundled).addOption(device()))
  benchPerplexityCommand(command.command('perplexity').option('--model <model>', 'a folder, a GGUF file, a pulled name or a hub id', bundled))
  command
    .command('run')
    .description('CPU time of a prompt and of a token, tokens a second and memory; with a composition, what that costs besides')
    .option('--model <model>', 'a folder, a GGUF file, a pulled name, a hub id, or a bare config.json for random weights', bundled)
    .addOption(precision())
    .option(
      '--composition <expression>',
      'measure this too, cold and warm; adapters made up for it stand for its names: lora/, ia3/, prefix/, parallel/ (a gated prefix), rows for all others',
    )
    .option('--requests <n>', 'measurements, of which the median counts', whole(1), 3)
    .option('--prompt-tokens <n>', 'tokens of the prompt', whole(1), 110)
    .option('--tokens <n>', 'tokens to decode', whole(2), 64)
    .option('--virtual-tokens <n>', 'virtual tokens of an adapter', whole(1), 100)
    .option('--rank <n>', 'rank of a LoRA', whole(1), 8)
    .option('--rows <n>', 'rows that decode together', whole(1), 1)
    .option('--threads <n>', 'threads', whole(1), 1)
    .addOption(device())
    .option('--profile', 'and by operator, what a decode step of the bare model behind the prompt spends its time in')
    .option('--json', 'print one line of JSON')
    .action(async (options, command: Command) => {
      const { sizesRead } = await import('@weft/bench/inference/made-up-adapters')
      for (const [size, isRead] of Object.entries(sizesRead(options.composition ?? 'base')))
        if (!isRead)
          refuseUnread(command, [size], options.composition === undefined ? { without: '--composition' } : { beside: `--composition ${options.composition}` })
      // The operators are those of the bare model's graph.
      if (options.composition !== undefined) refuseUnread(command, ['profile'], { beside: '--composition' })
      const { benchRun } = await import('@weft/bench/inference/run')
      const result = await benchRun(options)
      const { profile, ...speed } = result
      outputOf(options).result(result, () => [listed(speed), ...(profile ? [profileTable(profile)] : [])].join('\n\n'))
    })
  benchMixCommand(command.command('mix').option('--model <dir-or-config>', 'model folder', bundled).addOption(device()), listed)
  benchComposeCommand(command.command('compose').option('--model <dir-or-config>', 'model folder', bundled), listed)
  benchTasksCommand(command.command('tasks'))
  benchCompressCommand(command.command('compress').option('--model <dir>', 'model folder', bundled))
  benchSteerCommand(command.command('steer').option('--model <dir>', 'model folder', bundled))
  benchDefaultsCommand(command.command('defaults').option('--model <dir>', 'model folder', bundled).addOption(device()))
  benchEvidenceCommand(command.command('evidence'), bundled)
  connected(command.command('quality'))
    .description("train the demo's tasks at a running edge and judge them on held-out text")
    .addOption(new Option('--only <part>', 'of its two parts this one').choices(['mail', 'style']))
    .option('--steps <n>', 'steps of each style; classifiers take twice as many', whole(1), 120)
    .option('--mails <n>', 'held-out mails to judge', whole(1), 703)
    .option('--passages <n>', 'held-out passages of each style', whole(1), 64)
    .option('--fresh', 'train again what is there from an earlier run')
    .action(async (options, command: Command) => {
      if (options.only === 'style') refuseUnread(command, ['mails'], { beside: '--only style' })
      if (options.only === 'mail') refuseUnread(command, ['passages'], { beside: '--only mail' })
      const { benchQuality } = await import('../../bench/quality.ts')
      const progress = progressOf({ silent: options.json ?? false })
      try {
        const result = await benchQuality(options, progress)
        outputOf(options).result(result, () => result.tables.map(({ title, head, rows }) => `${title}\n\n${table(head, rows)}`).join('\n\n'))
      } finally {
        progress.stop()
      }
    })
  return command
}
