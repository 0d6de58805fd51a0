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

CREATE TEMPORARY TABLE `sources`.`iso` (
  `id` STRING,
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
  'topic' = 'iso',
  'properties.group.id' = 'default.times',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'ISO8601',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'at',
  'fraud-event.nulled' = 'id',
  'stream' = 'iso',
  'out-of-orderness' = '0 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`sql` (
  `id` STRING,
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
  'topic' = 'sql',
  'properties.group.id' = 'default.times',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'SQL',
  'fraud-event.event-time.zone' = 'Europe/Berlin',
  'fraud-event.max-ahead' = '300000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'at',
  'fraud-event.nulled' = 'id',
  'stream' = 'sql',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '1000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`seconds` (
  `id` STRING,
  `at` DOUBLE,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'seconds',
  'properties.group.id' = 'default.times',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'EPOCH_SECONDS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;at',
  'stream' = 'seconds',
  'out-of-orderness' = '90000 ms',
  'idle-timeout' = '120000 ms',
  'deduplicate.within' = '3600000 ms',
  'deduplicate.column' = 'id',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sources`.`millis` (
  `id` STRING,
  `born` DATE,
  `seen` TIMESTAMP(3),
  `heard` TIMESTAMP_LTZ(3),
  `at` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'millis',
  'properties.group.id' = 'default.times',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'at',
  'fraud-event.event-time.format' = 'EPOCH_MILLIS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'id;at',
  'stream' = 'millis',
  'out-of-orderness' = '250 ms',
  'idle-timeout' = '120000 ms',
  'properties.bootstrap.servers' = 'localhost:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream iso dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.iso.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream iso late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream sql dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.sql.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream sql late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream seconds dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.seconds.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream seconds late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.late',
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

CREATE TEMPORARY TABLE `sinks`.`stream millis dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.millis.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream millis late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.late',
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

CREATE TEMPORARY TABLE `sinks`.`rule any` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.times.alerts',
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

-- stream iso -> stream iso dead-letters

INSERT INTO `sinks`.`stream iso dead-letters` SELECT `_raw`, MAP['stream', CAST('iso' AS BYTES), 'topic', CAST('iso' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`iso` WHERE `_error` IS NOT NULL;

-- stream iso -> stream iso late

INSERT INTO `sinks`.`stream iso late` SELECT `_raw`, MAP['stream', CAST('iso' AS BYTES), 'topic', CAST('iso' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`iso` WHERE `_error` IS NULL AND `_late`;

-- stream sql -> stream sql dead-letters

INSERT INTO `sinks`.`stream sql dead-letters` SELECT `_raw`, MAP['stream', CAST('sql' AS BYTES), 'topic', CAST('sql' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`sql` WHERE `_error` IS NOT NULL;

-- stream sql -> stream sql late

INSERT INTO `sinks`.`stream sql late` SELECT `_raw`, MAP['stream', CAST('sql' AS BYTES), 'topic', CAST('sql' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`sql` WHERE `_error` IS NULL AND `_late`;

-- stream seconds -> stream seconds dead-letters

INSERT INTO `sinks`.`stream seconds dead-letters` SELECT `_raw`, MAP['stream', CAST('seconds' AS BYTES), 'topic', CAST('seconds' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`seconds` WHERE `_error` IS NOT NULL;

-- stream seconds -> stream seconds late

INSERT INTO `sinks`.`stream seconds late` SELECT `_raw`, MAP['stream', CAST('seconds' AS BYTES), 'topic', CAST('seconds' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`seconds` WHERE `_error` IS NULL AND `_late`;

-- stream millis -> stream millis dead-letters

INSERT INTO `sinks`.`stream millis dead-letters` SELECT `_raw`, MAP['stream', CAST('millis' AS BYTES), 'topic', CAST('millis' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`millis` WHERE `_error` IS NOT NULL;

-- stream millis -> stream millis late

INSERT INTO `sinks`.`stream millis late` SELECT `_raw`, MAP['stream', CAST('millis' AS BYTES), 'topic', CAST('millis' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`millis` WHERE `_error` IS NULL AND `_late`;

-- rule any -> rule any

CREATE DATABASE IF NOT EXISTS `rule any`;

USE `rule any`;

CREATE TEMPORARY VIEW `millis` AS SELECT `id`, `born`, `seen`, `heard`, `at`, `_event_time` AS `event_time`, CONCAT_WS('-', 'millis', CAST(`_partition` AS STRING), CAST(`_offset` AS STRING)) AS `event_id` FROM `sources`.`millis` WHERE `_error` IS NULL AND `_offset` > -1834797517;

INSERT INTO `sinks`.`rule any` SELECT CONCAT('id/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"times","rule":"any","rule_version":"1f9abbb6","severity":"Medium","mode":"Enforce","entity":{"type":"id","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":[?]},"row":{"id":?,"born":?,"seen":?,"heard":?,"at":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/times/any', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, 1, `_id`, `id`, `born`, `seen`, `heard`, `at`) FROM (SELECT *, CAST(`id` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('born #, seen #, heard #', `born`, `seen`, `heard`) AS `_reason` FROM (SELECT `id`, `born`, `seen`, `heard`, `at`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id` FROM `millis` WHERE (`id` <> '')));
