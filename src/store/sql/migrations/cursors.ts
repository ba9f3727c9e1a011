/** Lists of the desk go by time: a cursor that counted rows would tell what other tenants do. */
export function cursors(): readonly string[] {
  return [
    'drop index deliveries_of_webhook',
    'create index deliveries_of_webhook on deliveries (webhook, created_at, id)',
    'drop index audit_of_tenant',
    'create index audit_of_tenant on audit (tenant, at, place)',
  ];
}
