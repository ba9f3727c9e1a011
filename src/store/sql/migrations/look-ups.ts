/** What is looked for without walking through everything else. */
export function lookUps(): readonly string[] {
  return [
    'create index deliveries_of_job on deliveries (job)',
    'create index signals_by_use on signals (job, taken_by, place)',
    // With the hash, so that a walk by age can go on behind any blob without reading one.
    'drop index blobs_by_age',
    'create index blobs_by_age on blobs (at, hash)',
  ];
}
