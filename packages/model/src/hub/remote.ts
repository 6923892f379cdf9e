/** One revision of a repository of a hub, and who asks. */
export interface Remote {
  name: string
  revision: string
  endpoint: string
  accessToken?: string
}
