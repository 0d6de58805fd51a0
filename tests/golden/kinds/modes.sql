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
  `amount` DOUBLE,
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
  'properties.group.id' = 'default.modes',
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
  'topic' = 'default.modes.payments.dead-letters',
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
  'topic' = 'default.modes.late',
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

CREATE TEMPORARY TABLE `sinks`.`output flagged` (
  `value` BYTES
) WITH (
  'connector' = 'kafka',
  'topic' = 'flagged',
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

CREATE TEMPORARY TABLE `sinks`.`rule enforced` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule enforced blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'black.list',
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

CREATE TEMPORARY TABLE `sinks`.`rule shadow` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule counted` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.modes.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule counted blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'black.list',
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

-- output flagged -> output flagged

INSERT INTO `sinks`.`output flagged` SELECT `_raw` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3963403284 AND ((`amount` > 900)) IS TRUE;

-- rule enforced -> rule enforced

CREATE DATABASE IF NOT EXISTS `rule enforced`;

USE `rule enforced`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -672933393;

INSERT INTO `sinks`.`rule enforced` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"modes","rule":"enforced","rule_version":"fc73e931","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/enforced', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `amount`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('#', `amount`) AS `_reason` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900)));

-- rule enforced -> rule enforced blocked

USE `rule enforced`;

INSERT INTO `sinks`.`rule enforced blocked` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"who":?,"entity_type":"card","why":?,"when":?,"until":?,"amount":?,"rule":"enforced","alert_id":?}', `_entity`, `_reason`, `_time`, CAST(`_time` AS TIMESTAMP_LTZ(3)) + INTERVAL '12' HOUR(2), `amount`, SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/enforced', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32)) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('#', `amount`) AS `_reason` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 900)));

-- rule shadow -> rule shadow

CREATE DATABASE IF NOT EXISTS `rule shadow`;

USE `rule shadow`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3163007203;

INSERT INTO `sinks`.`rule shadow` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"modes","rule":"shadow","rule_version":"c0e2bcb1","severity":"Medium","mode":"Shadow","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"card":?,"amount":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/shadow', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `card`, `amount`, `at`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('#', `amount`) AS `_reason` FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `payments` WHERE (`amount` > 800)));

-- rule counted -> rule counted

CREATE DATABASE IF NOT EXISTS `rule counted`;

USE `rule counted`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -845745931 AND NOT `_late`;

INSERT INTO `sinks`.`rule counted` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"modes","rule":"counted","rule_version":"4172a9cd","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"id":?,"card":?,"amount":?,"at":?,"times":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/counted', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `id`, `card`, `amount`, `at`, `times`) FROM (SELECT *, fill_text('#', `times`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, CHAR_LENGTH(`_id`) AS `_identity_length` FROM (SELECT * FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `times`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`times` > 3))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(3600000 AS BIGINT), DEFAULT, 'rule_counted_first_only'))));

-- rule counted -> rule counted blocked

USE `rule counted`;

INSERT INTO `sinks`.`rule counted blocked` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"who":?,"entity_type":"card","why":?,"when":?,"until":?,"amount":null,"rule":"counted","alert_id":?}', `_entity`, `_reason`, `_time`, CAST(`_time` AS TIMESTAMP_LTZ(3)) + INTERVAL '1' DAY * 7, SUBSTRING(SHA256(CONCAT_WS('/', 'default/modes/counted', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32)) FROM (SELECT *, fill_text('#', `times`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, CHAR_LENGTH(`_id`) AS `_identity_length` FROM (SELECT * FROM (SELECT `id`, `card`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `times`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '1' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`times` > 3))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(3600000 AS BIGINT), DEFAULT, 'rule_counted_first_only'))));
