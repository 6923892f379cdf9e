import type { Runtime, Session } from '@weft/ort'
import type { AdapterTensors, KeyedInputs } from '../../compositions/adapter-tensors.ts'
import type { BoundTensors } from '../../shared-tensors.ts'
import { LAYER_BYTES } from './bank-bytes.ts'
import { SiteBank } from './site-bank.ts'

type SiteInputs = KeyedInputs['inputs']

/** What different rows of a batch do inside layers: the banks of every site that some of them have. */
export class SlotBank implements Disposable {
  /** Grows when tensors handed out before are given up. */
  version = 0
  readonly #runtime: Runtime
  readonly #most: number
  /** By site, with what its inputs are called. */
  readonly #banks = new Map<string, { names: string; bank: SiteBank }>()
  readonly #sites = new WeakMap<KeyedInputs, { site: string; names: string; inputs: SiteInputs }[]>()
  /** What was asked for last. */
  #last: { session: Session; rows: (AdapterTensors | null)[]; bound: readonly BoundTensors[] } | undefined

  /** @param most bytes from which on nothing is kept beyond what is in use */
  constructor(runtime: Runtime, most = LAYER_BYTES) {
    this.#runtime = runtime
    this.#most = most
  }

  get bytes(): number {
    return [...this.#banks.values()].reduce((sum, { bank }) => sum + bank.bytes, 0)
  }

  /** The inputs of `session` for the rows of a batch, of each site: the same objects as before where nothing has to be bound anew. */
  async of(session: Session, layers: KeyedInputs, rows: readonly (AdapterTensors | null)[]): Promise<readonly BoundTensors[]> {
    const last = this.#last
    if (last?.session === session && last.rows.length === rows.length && rows.every((adapters, row) => adapters === last.rows[row])) return last.bound
    const sites = this.#sitesOf(layers)
    const before = this.bytes
    const banks = sites.map((of) => this.#bank(of, rows))
    if (this.bytes > Math.max(before, this.#most)) this.#trim(sites, rows)
    const bound = banks.map((bank) => bank.of(rows))
    const onDevice = session.device === 'cpu' ? bound : await Promise.all(banks.map((bank, i) => bank.on(session, bound[i])))
    this.#last = { session, rows: [...rows], bound: onDevice }
    return onDevice
  }

  #bank({ site, names, inputs }: { site: string; names: string; inputs: SiteInputs }, rows: readonly (AdapterTensors | null)[]): SiteBank {
    let held = this.#banks.get(site)
    if (held && held.names !== names) {
      this.version++
      held.bank[Symbol.dispose]()
      held = undefined
    }
    if (!held) this.#banks.set(site, (held = { names, bank: new SiteBank(this.#runtime, site, inputs) }))
    if (!held.bank.fits(rows)) {
      if (held.bank.bytes > 0) this.version++
      held.bank.reserve(rows)
    }
    return held.bank
  }

  /** Gives back what sites hold that no row has now, and what they hold beyond what these rows ask for. */
  #trim(sites: readonly { site: string }[], rows: readonly (AdapterTensors | null)[]): void {
    this.version++
    for (const [site, { bank }] of this.#banks)
      if (sites.some((of) => of.site === site)) bank.reserve(rows)
      else {
        bank[Symbol.dispose]()
        this.#banks.delete(site)
      }
  }

  #sitesOf(layers: KeyedInputs): { site: string; names: string; inputs: SiteInputs }[] {
    let known = this.#sites.get(layers)
    if (!known) {
      const sites = Map.groupBy(
        layers.inputs.filter(({ perToken }) => !perToken),
        ({ site }) => site,
      )
      known = [...sites].map(([site, inputs]) => ({ site, names: inputs.map(({ name }) => name).join(' '), inputs }))
      this.#sites.set(layers, known)
    }
    return known
  }

  [Symbol.dispose](): void {
    if (this.bytes > 0) this.version++
    for (const { bank } of this.#banks.values()) bank[Symbol.dispose]()
    this.#banks.clear()
    this.#last = undefined
  }
}
