import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { floatTensor, type LoadedAdapter, rowWidth, type TaskType } from '@weft/adapters'
import { type Plugin, parseConfig } from '@weft/methods'
import { architectures, type ModelShape, modelShape, rawConfig } from '@weft/model'
import { plugins } from '@weft/plugins'
import { isWeftError } from '@weft/protocol'
import { buildTrainingGraph, checkTrainable, type TrainingProgram } from '@weft/training'
import { safeParse } from 'zod/v4/core'

const golden = join(import.meta.dirname, '../golden/peft')

/** Short names of the tasks that something is trained for. */
const tasks: Partial<Record<TaskType, string>> = { CAUSAL_LM: 'LM', SEQ_2_SEQ_LM: 'S2S', SEQ_CLS: 'cls', TOKEN_CLS: 'tok' }

/** A tiny model of each architecture: the bases of the golden cases. One per task, since a checkpoint may lack what a task needs. */
function modelsOf(architecture: string): ModelShape[] {
  const folder = join(golden, architecture)
  return readdirSync(folder)
    .filter((name) => name.startsWith('base-') && name.split('-').length === 2)
    .sort()
    .map((name) => modelShape(rawConfig(JSON.parse(readFileSync(join(folder, name, 'config.json'), 'utf8')))))
}

/** Methods that need an adapter get one with rows. */
const trunk = ({ spec }: ModelShape): LoadedAdapter => ({
  digest: `sha256:${'0'.repeat(64)}`,
  params: {},
  state: { inputsEmbeds: { rows: floatTensor([4, rowWidth(spec)]) } },
  manifest: {
    format: 'weft-adapter',
    version: 1,
    method: 'prompt-tuning',
    config: {},
    base: { name: 'base', fingerprint: '', architecture: spec.architecture },
    task: 'CAUSAL_LM',
    sites: ['inputsEmbeds'],
    virtualTokens: { rows: 4, prefix: 0 },
    lineage: {},
  },
})

/** Whether a step's graph can be built, gradients and all. What cannot must be refused by code. */
export function trains(plugin: Plugin, model: ModelShape, task: TaskType): boolean {
  if (plugin.trains === false || (plugin.tasks && !plugin.tasks.includes(task))) return false
  const { classifier } = model.spec
  try {
    const config = parseConfig(plugin, safeParse(plugin.config, {}).success ? {} : { trunk: 'trunk' })
    const head = task === 'SEQ_CLS' || task === 'TOKEN_CLS'
    const program: TrainingProgram = {
      plugin,
      config,
      model,
      task,
      params: plugin.params(config, model.spec, [trunk(model)]),
      numLabels: head ? 3 : 0,
      headBias: head && classifier.bias,
      headDense: task === 'SEQ_CLS' && classifier.dense,
    }
    checkTrainable(program)
    const graph = buildTrainingGraph(program, { rows: 2, length: 6, lossRows: 4, ...(task === 'SEQ_2_SEQ_LM' && { targets: 5 }) }, 'gradients')
    return graph.outputs.length > 1
  } catch (error) {
    if (isWeftError(error)) return false
    throw error
  }
}

/** Cases of PEFT's that `npm test` compares with: `<architecture> <peft type> <task>`. */
function compared(): Set<string> {
  const found = new Set<string>()
  for (const file of readdirSync(golden, { recursive: true }) as string[]) {
    if (!file.endsWith('case.json')) continue
    const { arch, task } = JSON.parse(readFileSync(join(golden, file), 'utf8'))
    const folder = join(golden, file, '..')
    const config = (readdirSync(folder, { recursive: true }) as string[]).find((name) => name.endsWith('adapter_config.json'))! // a named adapter's is one folder down
    const { peft_type } = JSON.parse(readFileSync(join(folder, config), 'utf8'))
    found.add(`${arch} ${peft_type} ${task}`)
  }
  return found
}

/** Method × architecture: the tasks that a method is trained for there; a star where the numbers are compared with PEFT's. */
export function supportTable(): string {
  const names = architectures.flatMap(({ modelTypes }) => modelTypes)
  const equal = compared()
  const cell = (plugin: Plugin, architecture: string): string => {
    const models = modelsOf(architecture)
    const done = Object.entries(tasks).filter(([task]) => models.some((model) => trains(plugin, model, task as TaskType)))
    return (
      done
        .map(([task, short]) =>
          plugin.peft && plugin.peft.imports !== false && equal.has(`${architecture} ${plugin.peft.peftType} ${task}`) ? `${short}*` : short,
        )
        .join(' ') || '–'
    )
  }
  return [
    `| method | ${names.map((name) => `\`${name}\``).join(' | ')} |`,
    `|---|${names.map(() => '---').join('|')}|`,
    ...plugins.map((plugin) => `| \`${plugin.id}\` | ${names.map((name) => cell(plugin, name)).join(' | ')} |`),
  ].join('\n')
}

const page = new URL('../../docs/reference/methods.md', import.meta.url)
const [from, to] = ['<!-- support: written by `npx node test/support/write.ts` -->\n', '\n<!-- /support -->']

/** The table as docs/reference/methods.md has it. */
export const written = (): string => {
  const text = readFileSync(page, 'utf8')
  return text.slice(text.indexOf(from) + from.length, text.indexOf(to))
}

/** docs/reference/methods.md with the table as it is now. */
export const rewritten = (): { page: URL; text: string } => {
  const text = readFileSync(page, 'utf8')
  return { page, text: text.slice(0, text.indexOf(from) + from.length) + supportTable() + text.slice(text.indexOf(to)) }
}
