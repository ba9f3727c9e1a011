/** Counts answered requests, and tells of them in Prometheus' text format. */
export interface HttpMetrics {
  count(request: CountedRequest): void;
  /** Lines of the exposition, without gauges of others. */
  lines(): readonly string[];
}

/** One answered request. */
export interface CountedRequest {
  readonly method: string;
  /** The pattern of the route: never a path that a client made up. */
  readonly route: string;
  readonly status: number;
  readonly elapsedMs: number;
}

/** Upper bounds in seconds: from a poll answered from memory to a large form. */
const bucketsSeconds: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];

interface Series {
  readonly labels: string;
  readonly buckets: number[];
  count: number;
  sumSeconds: number;
}

/** Makes a counter. It holds one series a route, method and status: a closed set. */
export function createHttpMetrics(): HttpMetrics {
  const all = new Map<string, Series>();
  return {
    count({ method, route, status, elapsedMs }) {
      const key = `${method} ${status} ${route}`;
      const series = all.get(key) ?? newSeries(labelsOf({ method, route, status: String(status) }));
      all.set(key, series);
      const seconds = elapsedMs / 1000;
      series.count += 1;
      series.sumSeconds += seconds;
      bucketsSeconds.forEach((bound, place) => {
        if (seconds <= bound) series.buckets[place] = (series.buckets[place] ?? 0) + 1;
      });
    },
    lines() {
      const name = 'inspan_http_request_duration_seconds';
      return [
        `# HELP ${name} Time to the first byte of an answer.`,
        `# TYPE ${name} histogram`,
        ...[...all.values()].flatMap((series) => seriesLines(name, series)),
      ];
    },
  };
}

function newSeries(labels: string): Series {
  return { labels, buckets: bucketsSeconds.map(() => 0), count: 0, sumSeconds: 0 };
}

function seriesLines(name: string, { labels, buckets, count, sumSeconds }: Series): readonly string[] {
  return [
    ...bucketsSeconds.map((bound, place) => `${name}_bucket{${labels},le="${bound}"} ${buckets[place]}`),
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sumSeconds}`,
    `${name}_count{${labels}} ${count}`,
  ];
}

/** Writes a gauge with its values by label. */
export function gaugeLines(
  name: string,
  help: string,
  values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[],
): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...values.map(
      ({ labels, value }) => `${name}${labels === undefined ? '' : `{${labelsOf(labels)}}`} ${value}`,
    ),
  ];
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(
      ([name, value]) =>
        `${name}="${value.replace(/[\\"\n]/g, (each) => (each === '\n' ? '\\n' : `\\${each}`))}"`,
    )
    .join(',');
}
