import { WeftError } from '@weft/adapters'

export const probesNotFound = (id: string) =>
  new WeftError(
    'probes_not_found',
    `"${id}" carries no probes. Give it some, inputs as it is asked, without answers: npx weft probes ${id} --file FILE, or PUT /v1/adapters/${id}/probes.`,
    {
      status: 404,
      param: 'id',
    },
  )

export const probesOfAnother = (id: string, tenant: string) =>
  new WeftError('probes_of_another_tenant', `"${id}" is shared by the tenant "${tenant}", and probes are of a tenant's own data: they are never shared.`, {
    status: 403,
    param: 'id',
  })

export const probesChanged = (id: string) =>
  new WeftError(
    'probes_changed',
    `The probes of "${id}" are others now than when the job was created, or are gone, and the job is to be the same however often it is interrupted. Create it again.`,
    { status: 409 },
  )
