/** A file of Weft's, or PEFT's two. */
export type ChosenFiles = { adapter: File } | { config: File; weights: File }

const CONFIG = 'adapter_config.json'
const WEIGHTS = 'adapter_model.safetensors'

/** What was chosen, by the files' names. @throws Error that says what is missing, or too much */
export const chosenOf = (files: readonly File[]): ChosenFiles => {
  const config = files.find(({ name }) => name === CONFIG)
  const weights = files.find(({ name }) => name === WEIGHTS)
  if (files.length === 2 && config && weights) return { config, weights }
  const [only] = files
  if (files.length === 1 && only && only !== config && only !== weights) return { adapter: only }
  if (files.some(({ name }) => name === 'adapter_model.bin'))
    throw new Error(`adapter_model.bin is a pickle, which can run code when it is read. Save it with safe_serialization=True, which gives ${WEIGHTS}.`)
  if (config && !weights) throw new Error(`With ${CONFIG} goes ${WEIGHTS}: choose both.`)
  if (weights && !config) throw new Error(`With ${WEIGHTS} goes ${CONFIG}: choose both. A Weft adapter has another name.`)
  throw new Error(`Expected one Weft adapter, or ${CONFIG} and ${WEIGHTS}; there are ${files.length} files: ${files.map(({ name }) => name).join(', ')}.`)
}
