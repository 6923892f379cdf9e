/** A composition of `adaptersFor`, and the site that it is a case of. */
interface Row {
  site: string
  composition: string
}

/** What must be answered as Weft's own runner answers it. */
export const exact: readonly Row[] = [
  { site: 'text', composition: 'base + "The old man said: "' },
  { site: 'text', composition: 'base + note/sea' },
  { site: 'linear', composition: 'base + lora/one' },
  { site: 'linear', composition: 'base + lora/one + 0.5*lora/two' },
  { site: 'linear', composition: 'base + mix(0.3*lora/one, 0.7*lora/two)' },
  { site: 'inputsEmbeds', composition: 'base + soft/one' },
  { site: 'inputsEmbeds', composition: 'base + soft/one + soft/two' },
  { site: 'inputsEmbeds', composition: 'base + note/sea + soft/two' },
  { site: 'inputsEmbeds', composition: 'base + soft/one + "Call me Ishmael.\\n"' },
  { site: 'inputsEmbeds', composition: 'base + soft/one + lora/two' },
  { site: 'promptDelta', composition: 'base + branch/one' },
  { site: 'promptDelta', composition: 'base + branch/one + 0.5*branch/two' },
  { site: 'keyValue', composition: 'base + prefix/one' },
  { site: 'keyValue', composition: 'base + mix(0.5*prefix/one, 0.5*prefix/two)' },
  { site: 'keyValue', composition: 'base + prefix/long + note/sea' },
  { site: 'keyValue', composition: 'base + prefix/one + soft/one + lora/two' },
]

/** What must be refused by name, each with what the error says of why. */
export const refused: readonly (Row & { why: RegExp })[] = [
  { site: 'text', composition: 'base + 0.5*note/sea', why: /strength/ },
  { site: 'inputsEmbeds', composition: 'base + 2*soft/one', why: /strength/ },
  { site: 'linear', composition: 'base + lora/wide', why: /--max-lora-rank/ },
  { site: 'keyValue', composition: 'base + prefix/one + prefix/two', why: /overlay/ },
  { site: 'keyValue', composition: 'base + 2*prefix/one', why: /strength/ },
  { site: 'keyValue', composition: 'base + document/one', why: /single keys/ },
  { site: 'gatedKeyValue', composition: 'base + gated/one', why: /softmax/ },
  { site: 'activatedLinear', composition: 'base + alora/one', why: /invocation/ },
  { site: 'scale', composition: 'base + ia3/one', why: /IA3/ },
  { site: 'residual', composition: 'base + steer/one', why: /residual/ },
  { site: 'outputs', composition: 'base + ensemble(lora/one, lora/two)', why: /combine/ },
]
