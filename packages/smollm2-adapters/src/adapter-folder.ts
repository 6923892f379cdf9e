import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AdapterFigures, FiguresFile } from './figures.ts'
import type { Figures } from './measure/figures.ts'
import type { Task } from './tasks/task.ts'

const here = fileURLToPath(new URL('..', import.meta.url))

/** `supplement/one-line` → `supplement-one-line.safetensors`. */
export const fileName = (name: string): string => `${name.replaceAll('/', '-')}.safetensors`

/** Of one seed, among those of all. */
export const seedFile = (folder: string, name: string, seed: number): string => join(folder, `seed-${seed}-${fileName(name)}`)

export const keepFile = (folder: string, name: string, seed: number, file: Uint8Array): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(seedFile(folder, name, seed), file)
}

/** The files of adapters and what they came to, written as they become known. */
export class AdapterFolder {
  readonly #path: string

  /** @param path this package when absent */
  constructor(path = here) {
    this.#path = path
  }

  file(name: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(readFileSync(join(this.#path, 'adapters', fileName(name))))
  }

  read(): FiguresFile {
    const file = join(this.#path, 'figures.json')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FiguresFile) : { base: { name: '', fingerprint: '' }, adapters: {} }
  }

  setBase(base: FiguresFile['base']): void {
    this.#write({ ...this.read(), base })
  }

  /** How a task is trained. What was measured of it stays. */
  setTask(example: string, { name, method, config, training }: Task, hyperparameters: AdapterFigures['hyperparameters']): void {
    const { base = {}, seeds = {}, bytes = 0 } = this.read().adapters[name] ?? {}
    this.#set(name, { example, method, config, hyperparameters, rows: training.length, bytes, base, seeds })
  }

  setBaseFigures(name: string, base: Record<string, Figures>): void {
    this.#set(name, { ...this.read().adapters[name], base })
  }

  /** Of the seeds that were measured, the lowest one's file comes along, in whatever order they are trained. @returns whether this seed's does */
  setFigures(name: string, seed: number, figures: Figures, { seconds, file }: { seconds: number; file: Uint8Array }): boolean {
    const before = this.read().adapters[name]
    const comesAlong = Object.keys(before.seeds).every((other) => seed <= Number(other))
    if (comesAlong) {
      mkdirSync(join(this.#path, 'adapters'), { recursive: true })
      writeFileSync(join(this.#path, 'adapters', fileName(name)), file)
    }
    this.#set(name, { ...before, ...(comesAlong && { bytes: file.length }), seeds: { ...before.seeds, [seed]: { figures, seconds } } })
    return comesAlong
  }

  setComposition(expression: string, seed: number, found: Record<string, Figures>): void {
    const figures = this.read()
    const before = figures.compositions ?? {}
    this.#write({ ...figures, compositions: { ...before, [expression]: { ...before[expression], [seed]: found } } })
  }

  #set(name: string, adapter: AdapterFigures): void {
    const figures = this.read()
    this.#write({ ...figures, adapters: { ...figures.adapters, [name]: adapter } })
  }

  #write(figures: FiguresFile): void {
    mkdirSync(this.#path, { recursive: true })
    writeFileSync(join(this.#path, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`)
  }
}
