import { localDay, localMinute } from '../text/local-time.ts';

/** A time as a person here would write it: date and minutes, in the time zone of the machine. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return `${localDay(date)} ${localMinute(date)}`;
}
