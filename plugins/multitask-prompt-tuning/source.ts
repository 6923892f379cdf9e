import { type FloatTensor, isFloat } from '@weft/adapters'
import { missingTensor } from '@weft/adapters/errors'
import type { Initializer } from '@weft/methods'
import { invalidConfig } from '@weft/methods/errors'

/** Starts that take over what was learned on source tasks: the factors' means, those of one task, or only the shared prompt. */
export const sourceInits = ['averageSourceTasks', 'exactSourceTask', 'onlySourceShared'] as const

interface Settings {
  promptTuningInit: string
  promptTuningInitTask: number
  numTasks: number
}

/** A parameter of the source adapter: the shared prompt as it is, factors for every task of this one. */
export const fromSource =
  (name: 'embedding' | 'taskCols' | 'taskRows', settings: Settings): Initializer =>
  ({ required }) => {
    const tensor = required[0]?.params[name]
    if (!tensor || !isFloat(tensor)) throw missingTensor('the source of "multitask-prompt-tuning", an adapter of this method', `params.${name}`)
    return name === 'embedding' ? tensor.data.slice() : factors(tensor, settings)
  }

/** `[tasks of the source, …]` → `[numTasks, …]`, every entry the same. */
function factors({ shape: [sources], data }: FloatTensor, { promptTuningInit, promptTuningInitTask, numTasks }: Settings): Float32Array {
  const size = data.length / sources
  if (promptTuningInit === 'exactSourceTask' && promptTuningInitTask >= sources) {
    throw invalidConfig('multitask-prompt-tuning', [
      { param: 'method.multitask-prompt-tuning.prompt_tuning_init_task', message: `the source has ${sources} tasks, counted from 0` },
    ])
  }
  const one =
    promptTuningInit === 'exactSourceTask'
      ? data.slice(promptTuningInitTask * size, (promptTuningInitTask + 1) * size)
      : Float32Array.from(
          { length: size },
          (_, i) => Array.from({ length: sources }, (__, t) => data[t * size + i]).reduce((sum, value) => sum + value, 0) / sources,
        )
  const all = new Float32Array(numTasks * size)
  for (let task = 0; task < numTasks; task++) all.set(one, task * size)
  return all
}
