import type { CompositionStore } from '../infer/composition-store.ts'
import type { Engine, Named } from '../infer/engine.ts'
import type { Models } from '../infer/models.ts'

/** JSON requests are texts and numbers; no honest one is larger. */
export const JSON_LIMIT = 16 * 1024 * 1024

/**
 * The engine and the composition that a request names.
 * @throws WeftError `model_not_found`, `model_loading`, `composition_not_held`
 */
export function resolveNamed(request: { model: string; composition: string | null }, models: Models, compositions: CompositionStore): { engine: Engine; composition: Named } {
  const engine = models.engine(request.model)
  const composition = request.composition === null ? null : { key: request.composition, composed: compositions.get(request.composition, engine.model) }
  return { engine, composition }
}
