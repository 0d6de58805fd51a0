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

CREATE TEMPORARY TABLE `sources`.`payment` (
  `id` STRING,
  `order_id` STRING,
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
  'topic' = 'payment',
  'properties.group.id' = 'default.join',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;order_id;amount;at',
  'stream' = 'payment',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'order',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`order` (
  `id` STRING,
  `order_id` STRING,
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
  'topic' = 'order',
  'properties.group.id' = 'default.join',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'order_id;amount;at',
  'fraud-event.nulled' = 'id',
  'stream' = 'order',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'payment',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream payment dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.payment.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream payment late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream order dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.order.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream order late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.late',
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

CREATE TEMPORARY TABLE `sinks`.`rule matched` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule unmatched` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule unmatched-once` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.join.alerts',
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

-- stream payment -> stream payment dead-letters

INSERT INTO `sinks`.`stream payment dead-letters` SELECT `_raw`, MAP['stream', CAST('payment' AS BYTES), 'topic', CAST('payment' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`payment` WHERE `_error` IS NOT NULL;

-- stream payment -> stream payment late

INSERT INTO `sinks`.`stream payment late` SELECT `_raw`, MAP['stream', CAST('payment' AS BYTES), 'topic', CAST('payment' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`payment` WHERE `_error` IS NULL AND `_late`;

-- stream order -> stream order dead-letters

INSERT INTO `sinks`.`stream order dead-letters` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NOT NULL;

-- stream order -> stream order late

INSERT INTO `sinks`.`stream order late` SELECT `_raw`, MAP['stream', CAST('order' AS BYTES), 'topic', CAST('order' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`order` WHERE `_error` IS NULL AND `_late`;

-- rule matched -> rule matched

CREATE DATABASE IF NOT EXISTS `rule matched`;

USE `rule matched`;

CREATE TEMPORARY VIEW `payment` AS SELECT `id`, `order_id`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -1876288597 AND NOT `_late`;

CREATE TEMPORARY VIEW `order` AS SELECT `id`, `order_id`, `amount`, `at`, `_event_time` AS `event_time`, CONCAT_WS('-', 'order', CAST(`_partition` AS STRING), CAST(`_offset` AS STRING)) AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -1876288597 AND NOT `_late`;

INSERT INTO `sinks`.`rule matched` SELECT CONCAT('order/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"join","rule":"matched","rule_version":"8fab634b","severity":"Medium","mode":"Enforce","entity":{"type":"order","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?,?]},"row":{"payment":{"id":?,"order_id":?,"amount":?,"at":?},"order":{"id":?,"order_id":?,"amount":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/join/matched', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING), CAST(`_right_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 2, `_left`, `_right`, `payment.id`, `payment.order_id`, `payment.amount`, `payment.at`, `order.id`, `order.order_id`, `order.amount`, `order.at`) FROM (SELECT *, CAST(`payment.order_id` AS STRING) AS `_entity`, CONCAT_WS('/', `_left`, `_right`) AS `_identity`, fill_text('paid # for #', `payment.amount`, `order.amount`) AS `_reason` FROM (SELECT `payment`.`id` AS `payment.id`, `payment`.`order_id` AS `payment.order_id`, `payment`.`amount` AS `payment.amount`, `payment`.`at` AS `payment.at`, `order`.`id` AS `order.id`, `order`.`order_id` AS `order.order_id`, `order`.`amount` AS `order.amount`, `order`.`at` AS `order.at`, `payment`.`event_time` AS `_time`, CAST(`payment`.`event_id` AS STRING) AS `_left`, CAST(`order`.`event_id` AS STRING) AS `_right`, CAST(`order`.`event_time` AS TIMESTAMP_LTZ(3)) AS `_right_time` FROM `payment` JOIN `order` ON `payment`.`order_id` = `order`.`order_id` AND `order`.`event_time` BETWEEN `payment`.`event_time` - INTERVAL '1' HOUR(2) AND `payment`.`event_time` + INTERVAL '5' MINUTE(2) WHERE (`payment`.`amount` < `order`.`amount`)));

-- rule unmatched -> rule unmatched

CREATE DATABASE IF NOT EXISTS `rule unmatched`;

USE `rule unmatched`;

CREATE TEMPORARY VIEW `payment` AS SELECT `id`, `order_id`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -1386144744 AND NOT `_late`;

CREATE TEMPORARY VIEW `order` AS SELECT `id`, `order_id`, `amount`, `at`, `_event_time` AS `event_time`, CONCAT_WS('-', 'order', CAST(`_partition` AS STRING), CAST(`_offset` AS STRING)) AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -1386144744 AND NOT `_late`;

INSERT INTO `sinks`.`rule unmatched` SELECT CONCAT('order/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"join","rule":"unmatched","rule_version":"4dc75881","severity":"Medium","mode":"Enforce","entity":{"type":"order","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"payment":{"id":?,"order_id":?,"amount":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/join/unmatched', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_left`, `payment.id`, `payment.order_id`, `payment.amount`, `payment.at`) FROM (SELECT *, CAST(`payment.order_id` AS STRING) AS `_entity`, `_left` AS `_identity`, fill_text('# paid for nothing', `payment.amount`) AS `_reason` FROM (SELECT `payment`.`id` AS `payment.id`, `payment`.`order_id` AS `payment.order_id`, `payment`.`amount` AS `payment.amount`, `payment`.`at` AS `payment.at`, `payment`.`event_time` AS `_time`, CAST(`payment`.`event_id` AS STRING) AS `_left` FROM `payment` LEFT JOIN `order` ON `payment`.`order_id` = `order`.`order_id` AND `payment`.`amount` = `order`.`amount` AND `order`.`event_time` BETWEEN `payment`.`event_time` - INTERVAL '1' HOUR(2) AND `payment`.`event_time` + INTERVAL '0' DAY(2) WHERE `order`.`event_time` IS NULL AND (`payment`.`amount` > 1)));

-- rule unmatched-once -> rule unmatched-once

CREATE DATABASE IF NOT EXISTS `rule unmatched-once`;

USE `rule unmatched-once`;

CREATE TEMPORARY VIEW `payment` AS SELECT `id`, `order_id`, `amount`, `at`, `_event_time` AS `event_time`, CAST(`id` AS STRING) AS `event_id` FROM `sources`.`payment` WHERE `_error` IS NULL AND `_offset` > -2811962329 AND NOT `_late`;

CREATE TEMPORARY VIEW `order` AS SELECT `id`, `order_id`, `amount`, `at`, `_event_time` AS `event_time`, CONCAT_WS('-', 'order', CAST(`_partition` AS STRING), CAST(`_offset` AS STRING)) AS `event_id` FROM `sources`.`order` WHERE `_error` IS NULL AND `_offset` > -2811962329 AND NOT `_late`;

INSERT INTO `sinks`.`rule unmatched-once` SELECT CONCAT('order/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"join","rule":"unmatched-once","rule_version":"c8d94176","severity":"Medium","mode":"Enforce","entity":{"type":"order","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"payment":{"id":?,"order_id":?,"amount":?,"at":?}}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/join/unmatched-once', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_left`, `payment.id`, `payment.order_id`, `payment.amount`, `payment.at`) FROM (SELECT *, fill_text('# paid for nothing', `payment.amount`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`payment.order_id` AS STRING) AS `_entity`, `_left` AS `_identity`, CHAR_LENGTH(`_left`) AS `_identity_length` FROM (SELECT `payment`.`id` AS `payment.id`, `payment`.`order_id` AS `payment.order_id`, `payment`.`amount` AS `payment.amount`, `payment`.`at` AS `payment.at`, `payment`.`event_time` AS `_time`, CAST(`payment`.`event_id` AS STRING) AS `_left` FROM (SELECT *, `_time` AS `event_time`, `_id` AS `event_id`, CAST(`_time` AS TIMESTAMP_LTZ(3)) AS `_at` FROM (SELECT * FROM TABLE(in_turn((SELECT `id`, `order_id`, `amount`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `payment`) PARTITION BY (`order_id`) ORDER BY (`_time`, `_length`, `_id`), DEFAULT, 'rule_unmatched-once_in_turn')))) AS `payment` LEFT JOIN (SELECT *, CAST(`event_time` AS TIMESTAMP_LTZ(3)) AS `_at` FROM `order`) AS `order` ON `payment`.`order_id` = `order`.`order_id` AND `order`.`event_time` BETWEEN `payment`.`event_time` - INTERVAL '1' HOUR(2) - INTERVAL '0.001' SECOND(2, 3) AND `payment`.`event_time` + INTERVAL '1' HOUR(2) AND `order`.`_at` >= `payment`.`_at` - INTERVAL '0' DAY(2) WHERE `order`.`event_time` IS NULL)) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(86400000 AS BIGINT), DEFAULT, 'rule_unmatched-once_first_only'))));
