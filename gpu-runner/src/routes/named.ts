import type { CompositionStore } from '@weft/inference/compositions/composition-store'
import type { Asked, Engine, Named } from '@weft/inference/engine'
import type { Models } from '@weft/inference/models'
import type { WireOutputs } from '@weft/protocol'
import type { RequestWatch } from '../metrics/request-watch.ts'

/** JSON requests are texts and numbers; no honest one is larger. */
export const JSON_LIMIT = 16 * 1024 * 1024

/**
 * The engine and the composition that a request names.
 * @throws WeftError `model_not_found`, `model_loading`, `composition_not_held`
 */
export async function resolveNamed(
  request: { model: string; composition: string | null },
  models: Models,
  compositions: CompositionStore,
  watch: RequestWatch,
): Promise<{ engine: Engine; composition: Named }> {
  const engine = models.engine(request.model)
  watch.asks(request.model, request.composition === null ? [] : [request.composition])
  if (request.composition === null) return { engine, composition: null }
  const composition = { key: request.composition, composed: compositions.get(request.composition, engine.model) }
  const { weights } = composition.composed.sites
  return { engine: weights ? await models.weightOverrides.engine(engine, composition.key, weights) : engine, composition }
}

/** The same where several compositions may meet at the output. @throws WeftError as `resolveNamed` */
export async function resolveAsked(
  { model, composition }: { model: string; composition: string | WireOutputs | null },
  models: Models,
  compositions: CompositionStore,
  watch: RequestWatch,
): Promise<{ engine: Engine; composition: Asked }> {
  if (composition === null || typeof composition === 'string') return resolveNamed({ model, composition }, models, compositions, watch)
  const engine = models.engine(model)
  watch.asks(
    model,
    composition.operands.map((operand) => operand.composition),
  )
  const operands = composition.operands.map(({ composition: key, weight, level }) => ({
    weight,
    level,
    named: { key, composed: compositions.get(key, engine.model) },
  }))
  return { engine, composition: { operator: composition.operator, operands } }
}
