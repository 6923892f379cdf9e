import { existsSync } from 'node:fs'
import { pulling } from './pulling.ts'

/**
 * Fetches a model that is known by name, a GGUF of a repository (`org/name:Q4_K_M`), or a revision of one, where it is not on this machine yet; refuses one that is nowhere.
 * @returns what the model is loaded by
 * @throws ModelError `model_not_found`, and what `pullModel` throws
 */
export const findOrPull = async (model: string, say: (text: string) => void, revision?: string): Promise<string> => {
  const { isKnownModel, nameAt, pulledModel, requireModel } = await import('@weft/model')
  const { hubGguf, isHubId } = await import('@weft/model/hub/hub-id')
  if (revision !== undefined) {
    const name = nameAt(model, revision)
    if (!pulledModel(name)) await pulling(model, say, { revision })
    return name
  }
  if (existsSync(model)) return model
  const { id, tag } = hubGguf(model)
  if ((isKnownModel(model) || (tag && isHubId(id))) && !pulledModel(model)) await pulling(model, say)
  requireModel(model)
  return model
}
