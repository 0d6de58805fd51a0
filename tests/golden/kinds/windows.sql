CREATE DATABASE IF NOT EXISTS `sources`;

CREATE DATABASE IF NOT EXISTS `sinks`;

CREATE TEMPORARY SYSTEM FUNCTION distance_km AS 'io.frauddetector.flink.DistanceKm' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_json AS 'io.frauddetector.flink.FillJson' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION fill_text AS 'io.frauddetector.flink.FillText' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_only AS 'io.frauddetector.flink.FirstOnly' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION first_seen AS 'io.frauddetector.flink.FirstSeen' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION has_key AS 'io.frauddetector.flink.HasKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION held_back AS 'io.frauddetector.flink.HeldBack' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION how_many AS 'io.frauddetector.flink.HowMany' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION ids_of AS 'io.frauddetector.flink.IdsOf' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_network AS 'io.frauddetector.flink.InNetwork' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION in_turn AS 'io.frauddetector.flink.InTurn' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_end AS 'io.frauddetector.flink.LocalEnd' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_hour AS 'io.frauddetector.flink.LocalHour' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_start AS 'io.frauddetector.flink.LocalStart' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION local_weekday AS 'io.frauddetector.flink.LocalWeekday' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION on_edge AS 'io.frauddetector.flink.OnEdge' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_avg AS 'io.frauddetector.flink.RealAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION real_sum AS 'io.frauddetector.flink.RealSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION recent_ids AS 'io.frauddetector.flink.RecentIds' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION since AS 'io.frauddetector.flink.Since' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION timed_id AS 'io.frauddetector.flink.TimedId' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_avg AS 'io.frauddetector.flink.WideAvg' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION wide_sum AS 'io.frauddetector.flink.WideSum' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION with_previous AS 'io.frauddetector.flink.WithPrevious' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION attempt AS 'io.frauddetector.flink.Attempt' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION nonzero AS 'io.frauddetector.flink.NonZero' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION room AS 'io.frauddetector.flink.Room' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION watch_key AS 'io.frauddetector.flink.WatchKey' LANGUAGE JAVA;

CREATE TEMPORARY SYSTEM FUNCTION writable AS 'io.frauddetector.flink.Writable' LANGUAGE JAVA;

CREATE TEMPORARY TABLE `sources`.`payments` (
  `id` STRING,
  `card` STRING,
  `amount` DECIMAL(10, 2),
  `at` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'payments',
  'properties.group.id' = 'default.windows',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;card;amount;at',
  'stream' = 'payments',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.payments.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream payments late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule tumble` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule hop` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule session` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule cumulate` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule calendar` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.windows.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'localhost:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream payments -> stream payments dead-letters

INSERT INTO `sinks`.`stream payments dead-letters` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NOT NULL;

-- stream payments -> stream payments late

INSERT INTO `sinks`.`stream payments late` SELECT `_raw`, MAP['stream', CAST('payments' AS BYTES), 'topic', CAST('payments' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payments` WHERE `_error` IS NULL AND `_late`;

-- rule tumble -> rule tumble

CREATE DATABASE IF NOT EXISTS `rule tumble`;

USE `rule tumble`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -4226996527 AND NOT `_late`;

INSERT INTO `sinks`.`rule tumble` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"windows","rule":"tumble","rule_version":"e05053c3","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"card":?,"sum":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/windows/tumble', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `card`, `sum`, `_start`, `_end`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('# from # to #', `sum`, `_start`, `_end`) AS `_reason` FROM (SELECT * FROM (SELECT `card`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, SUM(`amount`) AS `sum`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `payments` WHERE (`amount` > 1)), DESCRIPTOR(`event_time`), INTERVAL '5' MINUTE(2))) GROUP BY `card`, `window_start`, `window_end`, `window_time`) WHERE (`sum` > 1000)));

-- rule hop -> rule hop

CREATE DATABASE IF NOT EXISTS `rule hop`;

USE `rule hop`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -267083811 AND NOT `_late`;

INSERT INTO `sinks`.`rule hop` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"windows","rule":"hop","rule_version":"f591742e","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"card":?,"sum":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/windows/hop', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `card`, `sum`, `_start`, `_end`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('#', `sum`) AS `_reason` FROM (SELECT * FROM (SELECT `card`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, SUM(`amount`) AS `sum`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(HOP((SELECT * FROM `payments`), DESCRIPTOR(`event_time`), INTERVAL '5' MINUTE(2), INTERVAL '10' MINUTE(2))) GROUP BY `card`, `window_start`, `window_end`, `window_time`) WHERE (`sum` > 1000)));

-- rule session -> rule session

CREATE DATABASE IF NOT EXISTS `rule session`;

USE `rule session`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -2005761383 AND NOT `_late`;

INSERT INTO `sinks`.`rule session` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"windows","rule":"session","rule_version":"e59e9839","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"card":?,"times":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/windows/session', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `card`, `times`, `_start`, `_end`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('# times', `times`) AS `_reason` FROM (SELECT * FROM (SELECT `card`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, COUNT(*) AS `times`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(SESSION((SELECT * FROM `payments`) PARTITION BY (`card`), DESCRIPTOR(`event_time`), INTERVAL '30' SECOND(2))) GROUP BY `card`, `window_start`, `window_end`, `window_time`) WHERE (`times` > 3)));

-- rule cumulate -> rule cumulate

CREATE DATABASE IF NOT EXISTS `rule cumulate`;

USE `rule cumulate`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1831498307 AND NOT `_late`;

INSERT INTO `sinks`.`rule cumulate` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"windows","rule":"cumulate","rule_version":"7b82e985","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"card":?,"times":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/windows/cumulate', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `card`, `times`, `_start`, `_end`) FROM (SELECT *, fill_text('# times on the day of #', `times`, `_start`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, CHAR_LENGTH(CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''))) AS `_identity_length` FROM (SELECT * FROM (SELECT `card`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, COUNT(*) AS `times`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(CUMULATE((SELECT * FROM `payments`), DESCRIPTOR(`event_time`), INTERVAL '1' HOUR(2), INTERVAL '1' DAY(2))) GROUP BY `card`, `window_start`, `window_end`, `window_time`) WHERE (`times` > 3 AND `_end` > TIMESTAMP '2024-01-01 00:00:00'))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(86400000 AS BIGINT), DEFAULT, 'rule_cumulate_first_only'))));

-- rule calendar -> rule calendar

CREATE DATABASE IF NOT EXISTS `rule calendar`;

USE `rule calendar`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -40381230 AND NOT `_late`;

INSERT INTO `sinks`.`rule calendar` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"windows","rule":"calendar","rule_version":"3586cf0e","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"card":?,"times":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/windows/calendar', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `card`, `times`, `_start`, `_end`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('# times from # to #', `times`, `_start`, `_end`) AS `_reason` FROM (SELECT * FROM (SELECT `card`, `start of Month in Europe/Berlin` AS `_start`, `end of Month in Europe/Berlin` AS `_end`, `window_time` AS `_time`, COUNT(CASE WHEN (`amount` > 5) THEN 1 END) AS `times`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM TABLE(held_back((SELECT `card`, `event_id`, `amount`, CAST(`event_time` AS TIMESTAMP_LTZ(3)) AS `event_time`, `event_time` AS `_time`, local_start(`event_time`, 'Month', 'Europe/Berlin') AS `start of Month in Europe/Berlin`, local_end(`event_time`, 'Month', 'Europe/Berlin') AS `end of Month in Europe/Berlin` FROM `payments`) PARTITION BY (`card`, `start of Month in Europe/Berlin`, `end of Month in Europe/Berlin`), DESCRIPTOR(`_time`), 'rule_calendar_held_back'))), DESCRIPTOR(`rowtime`), INTERVAL '0 00:00:00.001' DAY(2) TO SECOND(3))) GROUP BY `card`, `start of Month in Europe/Berlin`, `end of Month in Europe/Berlin`, `window_start`, `window_end`, `window_time`) WHERE (`times` > 3)));
