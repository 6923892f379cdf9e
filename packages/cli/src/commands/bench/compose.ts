import { mostLearningRate } from '@weft/methods/hyperparameters'
import { settlingSteps } from '@weft/protocol'
import { type Command, Option } from 'commander'
import { composeFigures, composeTable } from '../../bench/compose-table.ts'
import { inputFolder } from '../../input/input-folder.ts'
import { names } from '../../input/names.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { above, whole } from '../../numbers.ts'
import { outputOf, table } from '../../output/output.ts'
import { outputFolder } from '../../output/output-folder.ts'
import { pair } from '../../pair.ts'

export const benchComposeCommand = (command: Command, listed: (result: object) => string): Command =>
  command
    .description('train an adapter for each task, and measure what each keeps when composed')
    .option(
      '--tasks <dir>',
      'folder of tasks, one folder each: task.json, train.jsonl, heldout.jsonl, unlabelled.jsonl; a label, a style and a format that come with the packages unless said; weft bench tasks writes six',
    )
    .option(
      '--only <tasks>',
      'of the tasks only these, two or more, with commas between: A (the label), B (the style) and D (the format), or folders of --tasks',
      names(),
    )
    .option('--max-length <n>', 'tokens of a row of --tasks (default: 128)', whole(8))
    .option('--settle', 'a last phase in which each adapter learns to be silent on what the others are asked')
    .option('--auto', 'measure auto(…) over all adapters beside an oracle that knows whose a row is')
    .option('--text <text>', 'measure each adapter beside this text, too: "Answer briefly."')
    .option('--gate', 'measure what the publish gate would predict of each composition beside what is kept')
    .option('--joint', "train one adapter on each pair's data too, and compare")
    .option('--method <id>', 'method', 'parallel-prefix')
    .addOption(new Option('--phase <name>', 'second phase').choices(['none', 'partners', 'locality', 'both']).default('none'))
    .addOption(
      new Option('--operator <name>', 'how they meet: inside the model, or at its output').choices(['sum', 'experts', 'product', 'ensemble']).default('sum'),
    )
    .option('--steps <n>', 'steps of each adapter', whole(1), 64)
    .option('--phase-steps <n>', 'steps of the second phase; 64, and with --settle two thirds of --steps where these are more, unless said', whole(1))
    .option('--eval <n>', 'held-out rows of each task, 6 or more', whole(6), 72)
    .option('--virtual-tokens <n>', 'virtual tokens', whole(1), 16)
    .option('--batch <n>', 'rows a step', whole(1), 4)
    .option('--learning-rate <r>', 'peak learning rate', above(0, mostLearningRate), 1e-2)
    .option('--phase-learning-rate <r>', 'peak learning rate of the second phase', above(0, mostLearningRate), 5e-3)
    .option('--probability <p>', 'how often a step has KL-to-base on reference text, or a batch has a partner', above(0, 1), 1)
    .option('--locality-weight <w>', 'factor on the divergence of --phase locality', above(0), 2)
    .option('--settle-weight <w>', 'factor on the divergence of --settle', above(0), 1)
    .option('--set <key=value>', "one of the method's settings (repeatable)", pair, {})
    .addOption(new Option('--precision <name>', 'what frozen layers compute in, in training and in scoring').choices(['float32', 'int8']).default('float32'))
    .option('--keep <dir>', 'keep trained adapters there, and take those that are there already')
    .option('--seed <n>', 'seed', whole(0), 0)
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .action(async (options, command: Command) => {
      const isSecond = options.phase !== 'none'
      if (!isSecond) refuseUnread(command, ['probability'], { without: '--phase' })
      if (!isSecond && !options.settle) refuseUnread(command, ['phaseSteps', 'phaseLearningRate'], { without: '--phase or --settle' })
      if (options.phase !== 'locality' && options.phase !== 'both') refuseUnread(command, ['localityWeight'], { without: '--phase locality or --phase both' })
      if (!options.settle) refuseUnread(command, ['settleWeight'], { without: '--settle' })
      const { readsVirtualTokens } = await import('@weft/bench/virtual-tokens')
      if (!readsVirtualTokens(options.method)) refuseUnread(command, ['virtualTokens'], { beside: `--method ${options.method}` })
      if (options.tasks !== undefined) inputFolder(options.tasks, 'one that has a folder for each task; npx weft bench tasks writes six')
      if (options.keep !== undefined) outputFolder(options.keep)
      const { benchCompose } = await import('@weft/bench/compose/run')
      const output = outputOf(options)
      const phaseSteps = options.phaseSteps ?? (options.settle ? settlingSteps([options.steps]) : 64)
      const result = await benchCompose({ ...options, phaseSteps, onNote: (text: string) => output.note(text) })
      output.result(result, () => `${table(...composeTable(result))}\n\n${listed(composeFigures(result))}`)
    })
