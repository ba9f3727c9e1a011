import { describe, expectTypeOf, it } from 'vitest';
import type {
  ApiKey,
  AuditEntry,
  Delivery,
  Estimate,
  Job,
  JobEvent,
  JobFile,
  JobProgress,
  JobRequest,
  JobResult,
  JobWait,
  Replay,
  Schedule,
  Step,
  Team,
  Webhook,
} from '../src/client/index.ts';
import type {
  AuditOnWire,
  DeliveryOnWire,
  EstimateOnWire,
  EventOnWire,
  FileOnWire,
  JobOnWire,
  JobRequestOnWire,
  KeyOnWire,
  ReplayOnWire,
  ResultOnWire,
  ScheduleOnWire,
  StepOnWire,
  TeamOnWire,
  WebhookOnWire,
} from '../src/server/index.ts';

/** A type whose properties may be written, as zod writes them. */
type Open<T> = T extends readonly unknown[] | object ? { -readonly [Key in keyof T]: Open<T[Key]> } : T;

describe('what the server writes', () => {
  it('is what the client reads', () => {
    expectTypeOf<JobOnWire>().toExtend<Job>();
    expectTypeOf<ResultOnWire>().toExtend<JobResult>();
    expectTypeOf<FileOnWire>().toExtend<JobFile>();
    expectTypeOf<StepOnWire>().toExtend<Step>();
    expectTypeOf<ReplayOnWire>().toExtend<Replay>();
    expectTypeOf<EstimateOnWire>().toExtend<Estimate>();
    expectTypeOf<TeamOnWire>().toExtend<Team>();
    expectTypeOf<ScheduleOnWire>().toExtend<Schedule>();
    expectTypeOf<WebhookOnWire>().toExtend<Webhook>();
    expectTypeOf<DeliveryOnWire>().toExtend<Delivery>();
    expectTypeOf<KeyOnWire>().toExtend<ApiKey>();
    expectTypeOf<AuditOnWire>().toExtend<AuditEntry>();
  });

  it('has no property that the client does not know', () => {
    expectTypeOf<keyof Job>().toEqualTypeOf<keyof JobOnWire>();
    expectTypeOf<keyof JobWait>().toEqualTypeOf<keyof JobOnWire['waits'][number]>();
    expectTypeOf<keyof JobProgress>().toEqualTypeOf<keyof NonNullable<JobOnWire['progress']>>();
    expectTypeOf<keyof JobResult>().toEqualTypeOf<keyof ResultOnWire>();
    expectTypeOf<keyof JobResult['usage']['total']>().toEqualTypeOf<keyof ResultOnWire['usage']['total']>();
    expectTypeOf<keyof JobFile>().toEqualTypeOf<keyof FileOnWire>();
    expectTypeOf<keyof Step>().toEqualTypeOf<keyof StepOnWire>();
    expectTypeOf<keyof Replay>().toEqualTypeOf<keyof ReplayOnWire>();
    expectTypeOf<keyof Estimate>().toEqualTypeOf<keyof EstimateOnWire>();
    expectTypeOf<keyof Team>().toEqualTypeOf<keyof TeamOnWire>();
    expectTypeOf<keyof Schedule>().toEqualTypeOf<keyof ScheduleOnWire>();
    expectTypeOf<keyof Webhook>().toEqualTypeOf<keyof WebhookOnWire>();
    expectTypeOf<keyof Delivery>().toEqualTypeOf<keyof DeliveryOnWire>();
    expectTypeOf<keyof ApiKey>().toEqualTypeOf<keyof KeyOnWire>();
    expectTypeOf<keyof AuditEntry>().toEqualTypeOf<keyof AuditOnWire>();
  });

  it('tells events that the client has a type for', () => {
    expectTypeOf<JobEvent['type']>().toEqualTypeOf<EventOnWire['type']>();
    expectTypeOf<JobEvent>().toExtend<Pick<EventOnWire, 'seq' | 'at'>>();
  });
});

describe('what the client writes', () => {
  it('is what the server reads', () => {
    expectTypeOf<keyof JobRequest>().toEqualTypeOf<keyof JobRequestOnWire>();
    expectTypeOf<Open<Omit<JobRequest, 'params'>>>().toExtend<Omit<JobRequestOnWire, 'params'>>();
  });
});
