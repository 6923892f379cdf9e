import { sha256 } from '@weft/adapters'
import type { TenantStores } from '../tenant-stores.ts'
import type { Change } from './audit-log.ts'

/** Who makes changes. */
export interface Changer {
  principal: string
  requestId: string | null
}

/** Writes entries of the audit log, once the changes are made. */
export type RecordChange = (...changes: Omit<Change, 'principal' | 'requestId'>[]) => Promise<void>

export const recordChange =
  ({ audit }: Pick<TenantStores, 'audit'>, changer: Changer): RecordChange =>
  (...changes) =>
    audit.append(...changes.map((change) => ({ ...changer, ...change })))

const digestOf = async (value: unknown): Promise<string | null> => (value === undefined ? null : sha256(new TextEncoder().encode(JSON.stringify(value))))

/** The same stores, every change to which is in the audit log: whoever changes something cannot forget it. What a job publishes is the job's doing. */
export function audited(stores: TenantStores, changer: Changer): TenantStores {
  const { names, aliases, probes, files, jobs, batches, routes, calibrations, responses, signingKeys, keys, shares, policy, tenant } = stores
  const record = recordChange(stores, changer)
  return {
    ...stores,
    names: {
      ...names,
      async publish(publication) {
        const before = (await names.find(publication.name))?.digest ?? null
        const published = await names.publish(publication)
        const change = { action: 'adapter.publish', target: `${published.name}@${published.version}`, before, after: published.digest }
        await stores.audit.append({ ...changer, principal: publication.jobId ?? changer.principal, ...change })
        return published
      },
      async remove(name, version, how) {
        const taken = await names.remove(name, version, how)
        const action = how?.forced ? 'adapter.force_delete' : 'adapter.delete'
        await record(...taken.map(({ version, digest }) => ({ action, target: `${name}@${version}`, before: digest })))
        return taken
      },
      async settle(name, version, gate) {
        const settled = await names.settle(name, version, gate)
        if (settled) await record({ action: `adapter.gate_${gate.status}`, target: `${name}@${version}`, after: settled.digest })
        return settled
      },
      async collect(versions) {
        const taken = await names.collect(versions)
        await record(...taken.map(({ name, version, digest }) => ({ action: 'adapter.delete', target: `${name}@${version}`, before: digest })))
        return taken
      },
    },
    aliases: {
      ...aliases,
      async set(move) {
        const before = (await aliases.get(move.name, move.alias))?.digest ?? null
        const moved = await aliases.set(move)
        await record({ action: 'alias.set', target: `${move.name}@${move.alias}`, before, after: moved.alias.digest })
        return moved
      },
      async delete(name, alias, expected) {
        const gone = await aliases.delete(name, alias, expected)
        if (gone) await record({ action: 'alias.delete', target: `${name}@${alias}`, before: gone.digest })
        return gone
      },
    },
    probes: {
      ...probes,
      async put(digest, given) {
        await probes.put(digest, given)
        await record({ action: 'probes.put', target: digest, after: await digestOf(given) })
      },
      async delete(digests) {
        const existed = await probes.delete(digests)
        await record(...existed.map((target) => ({ action: 'probes.delete', target })))
        return existed
      },
    },
    files: {
      ...files,
      async put(file) {
        await files.put(file)
        await record({ action: 'file.create', target: file.id, after: file.digest })
      },
      async delete(id) {
        const before = (await files.get(id))?.digest ?? null
        const existed = await files.delete(id)
        if (existed) await record({ action: 'file.delete', target: id, before })
        return existed
      },
      async collect(id) {
        const before = (await files.get(id))?.digest ?? null
        const taken = await files.collect(id)
        if (taken) await record({ action: 'file.delete', target: id, before })
        return taken
      },
    },
    jobs: {
      ...jobs,
      async create(made) {
        await jobs.create(made)
        for (const { job, spec } of made) await record({ action: 'job.create', target: job.id, after: await digestOf(spec) })
      },
      async delete(ids) {
        await jobs.delete(ids)
        for (const id of ids) await record({ action: 'job.delete', target: id })
      },
    },
    batches: {
      ...batches,
      async create(batch) {
        await batches.create(batch)
        await record({ action: 'batch.create', target: batch.batch.id })
      },
      async delete(id) {
        await batches.delete(id)
        await record({ action: 'batch.delete', target: id })
      },
    },
    responses: {
      ...responses,
      async delete(id) {
        const existed = await responses.delete(id)
        if (existed) await record({ action: 'response.delete', target: id })
        return existed
      },
    },
    routes: {
      ...routes,
      async put(route, expected) {
        const before = await digestOf(await routes.get(route.name))
        const stored = await routes.put(route, expected)
        await record({ action: 'route.put', target: `${route.name} v${stored.version}`, before, after: await digestOf(stored) })
        return stored
      },
      async delete(name, expected) {
        const before = await digestOf(await routes.get(name))
        const existed = await routes.delete(name, expected)
        if (existed) await record({ action: 'route.delete', target: name, before })
        return existed
      },
    },
    calibrations: {
      ...calibrations,
      async put(calibration) {
        const before = await digestOf(await calibrations.get(calibration.key, calibration.choices))
        await calibrations.put(calibration)
        await record({ action: 'calibration.put', target: calibration.key, before, after: await digestOf(calibration) })
      },
      async delete(key, choices) {
        const before = await digestOf(await calibrations.get(key, choices))
        const existed = await calibrations.delete(key, choices)
        if (existed) await record({ action: 'calibration.delete', target: key, before })
        return existed
      },
    },
    signingKeys: {
      ...signingKeys,
      async put(key) {
        await signingKeys.put(key)
        await record({ action: 'signing_key.put', target: key.id })
      },
      async delete(id) {
        const existed = await signingKeys.delete(id)
        if (existed) await record({ action: 'signing_key.delete', target: id })
        return existed
      },
    },
    keys: {
      ...keys,
      async create(key) {
        await keys.create(key)
        await record({ action: 'key.create', target: key.id })
      },
      async revoke(id) {
        const revoked = await keys.revoke(id)
        if (revoked) await record({ action: 'key.revoke', target: id })
        return revoked
      },
      async replace(id, successor, expiresAt) {
        const replaced = await keys.replace(id, successor, expiresAt)
        if (replaced) await record({ action: 'key.rotate', target: id })
        return replaced
      },
    },
    shares: {
      ...shares,
      async put(share) {
        await shares.put(share)
        await record({ action: 'share.put', target: `${share.prefix} ${share.reader}` })
      },
      async delete(share) {
        const existed = await shares.delete(share)
        if (existed) await record({ action: 'share.delete', target: `${share.prefix} ${share.reader}` })
        return existed
      },
    },
    policy: {
      ...policy,
      async put(given) {
        await policy.put(given)
        await record({ action: 'policy.put', target: tenant })
      },
      async delete() {
        const existed = await policy.delete()
        if (existed) await record({ action: 'policy.delete', target: tenant })
        return existed
      },
    },
  }
}
