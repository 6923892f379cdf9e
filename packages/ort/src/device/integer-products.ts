import { readFileSync } from 'node:fs'

/** Instructions that multiply bytes and sum them without overflow, as Linux names them. x86 processors without any saturate halfway, and are slower than floats. */
const byteProducts = ['amx_int8', 'avx512_vnni', 'avx_vnni', 'asimddp', 'i8mm']
/** Others that products are made with, for people who are told what a processor has instead. */
const vectors = ['sse4_2', 'avx', 'avx2', 'fma', 'f16c', 'avx512f', 'asimd', 'sve']

/** Of the instructions named above, those of a processor. @param cpuinfo as `/proc/cpuinfo` has it */
export function instructionsOf(cpuinfo: string): { byteProducts: string[]; vectors: string[] } {
  const line = cpuinfo.split('\n').find((each) => /^(flags|Features)\s*:/.test(each))
  const flags = new Set((line?.split(':')[1] ?? '').trim().split(/\s+/))
  return { byteProducts: byteProducts.filter((name) => flags.has(name)), vectors: vectors.filter((name) => flags.has(name)) }
}

/** Whether products in 8-bit integers are exact and fast on this processor. Every Apple one has them; elsewhere only Linux tells. */
export const hasIntegerProducts = (): boolean => (process.arch === 'arm64' && process.platform === 'darwin') || instructions().byteProducts.length > 0

/** Which vector instructions this processor has, as far as its system tells. */
export const vectorInstructions = (): readonly string[] => instructions().vectors

let read: ReturnType<typeof instructionsOf> | undefined
const instructions = (): ReturnType<typeof instructionsOf> => {
  read ??= instructionsOf(cpuinfo())
  return read
}

const cpuinfo = (): string => {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}
