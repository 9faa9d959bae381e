/** How many days events can be listed and followed; the audit log keeps them longer. */
export const EVENT_DAYS = 30;
