import { existsSync } from 'node:fs'
import { pulling } from '../../pulling.ts'

/**
 * Fetches a model that is known by name, or a GGUF of a repository (`org/name:Q4_K_M`), where it is not on this machine yet; refuses one that is nowhere.
 * @throws ModelError `model_not_found`, and what `pullModel` throws
 */
export const findOrPull = async (model: string, say: (text: string) => void): Promise<void> => {
  const { isKnownModel, pulledModel, requireModel } = await import('@weft/model')
  const { hubGguf, isHubId } = await import('@weft/model/hub/hub-id')
  if (existsSync(model)) return
  const { id, tag } = hubGguf(model)
  if ((isKnownModel(model) || (tag && isHubId(id))) && !pulledModel(model)) await pulling(model, say)
  requireModel(model)
}
