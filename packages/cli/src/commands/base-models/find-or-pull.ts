import { existsSync } from 'node:fs'
import { pulling } from '../../pulling.ts'

/**
 * What a base model that is asked for is loaded by: what it was called, or the name under which it was pulled. One that is known by name, or a GGUF of a repository
 * (`org/name:Q4_K_M`), is pulled where it is not on this machine yet; one that is nowhere is refused.
 * @throws ModelError `model_not_found`, and what `pullModel` throws
 */
export const findOrPull = async (model: string, say: (text: string) => void): Promise<string> => {
  const { isKnownModel, pulledModel, pulledModels, requireModel } = await import('@weft/model')
  const { hubGguf, isHubId } = await import('@weft/model/hub/hub-id')
  if (existsSync(model)) return model
  const { id, tag } = hubGguf(model)
  if (tag && isHubId(id)) return (pulledModels().find(({ source }) => source === model) ?? (await pulling(model, say))).name
  if (isKnownModel(model) && !pulledModel(model)) await pulling(model, say)
  requireModel(model)
  return model
}
