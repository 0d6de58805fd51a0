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
  `shop` STRING,
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
  'properties.group.id' = 'default.velocity',
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
  'topic' = 'default.velocity.payments.dead-letters',
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
  'topic' = 'default.velocity.late',
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

CREATE TEMPORARY TABLE `sinks`.`rule all-aggregates` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.velocity.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule options` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.velocity.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule short` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.velocity.alerts',
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

-- rule all-aggregates -> rule all-aggregates

CREATE DATABASE IF NOT EXISTS `rule all-aggregates`;

USE `rule all-aggregates`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `shop`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -1977666439 AND NOT `_late`;

INSERT INTO `sinks`.`rule all-aggregates` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"velocity","rule":"all-aggregates","rule_version":"27297ae9","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"id":?,"card":?,"shop":?,"amount":?,"at":?,"times":?,"named":?,"large":?,"shops":?,"far_shops":?,"sum":?,"mean":?,"least":?,"most":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/velocity/all-aggregates', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `id`, `card`, `shop`, `amount`, `at`, `times`, `named`, `large`, `shops`, `far_shops`, `sum`, `mean`, `least`, `most`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# times, # of them large, # in # shops (#, #, #); last #', `times`, `large`, `sum`, `shops`, `least`, `mean`, `most`, `amount`) AS `_reason` FROM (SELECT * FROM (SELECT `id`, `card`, `shop`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `times`, COUNT(`shop`) OVER w AS `named`, COUNT(CASE WHEN (`amount` > 100) THEN 1 END) OVER w AS `large`, COUNT(DISTINCT `shop`) OVER w AS `shops`, COUNT(DISTINCT CASE WHEN (`shop` <> 'home') THEN `shop` END) OVER w AS `far_shops`, real_sum(`amount`) OVER w AS `sum`, real_avg(`amount`) OVER w AS `mean`, MIN(`amount`) OVER w AS `least`, MAX(`amount`) OVER w AS `most`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '90' MINUTE(2) PRECEDING AND CURRENT ROW)) WHERE (`times` > 3 AND `amount` > `mean` AND `shops` + `far_shops` + `named` > 1 AND `most` > `least`)));

-- rule options -> rule options

CREATE DATABASE IF NOT EXISTS `rule options`;

USE `rule options`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `shop`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -3450375611 AND NOT `_late`;

INSERT INTO `sinks`.`rule options` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"velocity","rule":"options","rule_version":"3a48e10c","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"id":?,"card":?,"shop":?,"amount":?,"at":?,"sum":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/velocity/options', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `id`, `card`, `shop`, `amount`, `at`, `sum`) FROM (SELECT *, fill_text('# at #', `sum`, `shop`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CONCAT_WS('|', REPLACE(REPLACE(COALESCE(CAST(`card` AS STRING), ''), '\', '\\'), '|', '\|'), REPLACE(REPLACE(COALESCE(CAST(`shop` AS STRING), ''), '\', '\\'), '|', '\|')) AS `_entity`, `_id` AS `_identity`, CHAR_LENGTH(`_id`) AS `_identity_length` FROM (SELECT * FROM (SELECT * FROM (SELECT `id`, `card`, `shop`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, real_sum(`amount`) OVER w AS `sum`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WHERE (`amount` > 1 OR `shop` = 'home') WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '36' HOUR(2) PRECEDING AND CURRENT ROW)) WHERE (`sum` > 1000)) WHERE has_key('rule options', 'key shop', `_id`, `shop`))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(7200000 AS BIGINT), DEFAULT, 'rule_options_first_only'))));

-- rule short -> rule short

CREATE DATABASE IF NOT EXISTS `rule short`;

USE `rule short`;

CREATE TEMPORARY VIEW `payments` AS SELECT `id`, `card`, `shop`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payments` WHERE `_error` IS NULL AND `_offset` > -745493012 AND NOT `_late`;

INSERT INTO `sinks`.`rule short` SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"velocity","rule":"short","rule_version":"f7a96a5d","severity":"Medium","mode":"Enforce","entity":{"type":"card","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"id":?,"card":?,"shop":?,"amount":?,"at":?,"times":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/velocity/short', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `id`, `card`, `shop`, `amount`, `at`, `times`) FROM (SELECT *, CAST(`card` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# within a quarter of a second', `times`) AS `_reason` FROM (SELECT * FROM (SELECT `id`, `card`, `shop`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `times`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `payments` WINDOW w AS (PARTITION BY `card` ORDER BY `event_time` RANGE BETWEEN INTERVAL '0 00:00:00.250' DAY(2) TO SECOND(3) PRECEDING AND CURRENT ROW)) WHERE (`times` > 2)));
