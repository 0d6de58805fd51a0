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

CREATE TEMPORARY TABLE `sources`.`clicks` (
  `eventType` STRING,
  `uid` STRING,
  `timestamp` BIGINT,
  `ip` STRING,
  `impressionId` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'clicks',
  'properties.group.id' = 'default.ad-clicks',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'EPOCH_SECONDS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'uid;timestamp;ip;impressionId',
  'fraud-event.nulled' = 'eventType',
  'stream' = 'clicks',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'displays',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sources`.`displays` (
  `eventType` STRING,
  `uid` STRING,
  `timestamp` BIGINT,
  `ip` STRING,
  `impressionId` STRING,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'displays',
  'properties.group.id' = 'default.ad-clicks',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'EPOCH_SECONDS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'uid;timestamp;ip;impressionId',
  'fraud-event.nulled' = 'eventType',
  'stream' = 'displays',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'follows' = 'clicks',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream clicks dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.clicks.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream clicks late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream displays dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.displays.dead-letters',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`stream displays late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.late',
  'format' = 'raw',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output activitystats` (
  `window_start` TIMESTAMP(3),
  `window_end` TIMESTAMP(3),
  `clicks` BIGINT,
  `displays` BIGINT,
  `click_rate` DOUBLE
) WITH (
  'connector' = 'kafka',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'activitystats',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule ip-click-flood` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule user-click-rate` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule user-many-addresses` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.ad-clicks.alerts',
  'key.format' = 'raw',
  'key.fields' = 'key',
  'value.format' = 'raw',
  'value.fields-include' = 'EXCEPT_KEY',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

-- stream clicks -> stream clicks dead-letters

INSERT INTO `sinks`.`stream clicks dead-letters` SELECT `_raw`, MAP['stream', CAST('clicks' AS BYTES), 'topic', CAST('clicks' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`clicks` WHERE `_error` IS NOT NULL;

-- stream clicks -> stream clicks late

INSERT INTO `sinks`.`stream clicks late` SELECT `_raw`, MAP['stream', CAST('clicks' AS BYTES), 'topic', CAST('clicks' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`clicks` WHERE `_error` IS NULL AND `_late`;

-- stream displays -> stream displays dead-letters

INSERT INTO `sinks`.`stream displays dead-letters` SELECT `_raw`, MAP['stream', CAST('displays' AS BYTES), 'topic', CAST('displays' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`displays` WHERE `_error` IS NOT NULL;

-- stream displays -> stream displays late

INSERT INTO `sinks`.`stream displays late` SELECT `_raw`, MAP['stream', CAST('displays' AS BYTES), 'topic', CAST('displays' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`displays` WHERE `_error` IS NULL AND `_late`;

-- output activitystats -> output activitystats

CREATE DATABASE IF NOT EXISTS `output activitystats`;

USE `output activitystats`;

CREATE TEMPORARY VIEW `clicks` AS SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `_event_time` AS `event_time`, CAST(`impressionId` AS STRING) AS `event_id` FROM `sources`.`clicks` WHERE `_error` IS NULL AND `_offset` > -3469929983 AND NOT `_late`;

CREATE TEMPORARY VIEW `displays` AS SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `_event_time` AS `event_time`, CAST(`impressionId` AS STRING) AS `event_id` FROM `sources`.`displays` WHERE `_error` IS NULL AND `_offset` > -3469929983 AND NOT `_late`;

CREATE TEMPORARY VIEW `activity` AS SELECT uid, ip, impressionId, 1 AS click, 0 AS display, event_time, event_id FROM clicks UNION ALL SELECT uid, ip, impressionId, 0 AS click, 1 AS display, event_time, event_id FROM displays;

INSERT INTO `sinks`.`output activitystats` SELECT * FROM (SELECT window_start, window_end, SUM(CAST(click AS BIGINT)), SUM(CAST(display AS BIGINT)),
       CAST(SUM(CAST(click AS BIGINT)) AS DOUBLE) / nonzero('output activitystats', '/ NULLIF(SUM(display), 0)', CAST(NULL AS STRING), NULLIF(SUM(CAST(display AS BIGINT)), 0))
FROM TABLE(TUMBLE(TABLE activity, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end) AS written(`window_start`, `window_end`, `clicks`, `displays`, `click_rate`) WHERE writable('output activitystats', 0, `window_start`, `window_end`, `clicks`, `displays`, `click_rate`);

-- rule ip-click-flood -> rule ip-click-flood

CREATE DATABASE IF NOT EXISTS `rule ip-click-flood`;

USE `rule ip-click-flood`;

CREATE TEMPORARY VIEW `clicks` AS SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `_event_time` AS `event_time`, CAST(`impressionId` AS STRING) AS `event_id` FROM `sources`.`clicks` WHERE `_error` IS NULL AND `_offset` > -307392523 AND NOT `_late`;

INSERT INTO `sinks`.`rule ip-click-flood` SELECT CONCAT('address/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"ad-clicks","rule":"ip-click-flood","rule_version":"c9aada87","severity":"High","mode":"Enforce","entity":{"type":"address","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"eventType":?,"uid":?,"timestamp":?,"ip":?,"impressionId":?,"clicks":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/ad-clicks/ip-click-flood', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `clicks`) FROM (SELECT *, fill_text('# clicks from # within 10 minutes, more than 40', `clicks`, `ip`) AS `_reason` FROM (SELECT * FROM TABLE(first_only((SELECT *, CAST(`ip` AS STRING) AS `_entity`, `_id` AS `_identity`, CHAR_LENGTH(`_id`) AS `_identity_length` FROM (SELECT * FROM (SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, COUNT(*) OVER w AS `clicks`, COUNT(*) OVER w AS `_count`, recent_ids(`event_time`, CAST(`event_id` AS STRING)) OVER w AS `_recent` FROM `clicks` WINDOW w AS (PARTITION BY `ip` ORDER BY `event_time` RANGE BETWEEN INTERVAL '10' MINUTE(2) PRECEDING AND CURRENT ROW)) WHERE (`clicks` > (40)))) PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(3600000 AS BIGINT), DEFAULT, 'rule_ip-click-flood_first_only'))));

-- rule user-click-rate -> rule user-click-rate

CREATE DATABASE IF NOT EXISTS `rule user-click-rate`;

USE `rule user-click-rate`;

CREATE TEMPORARY VIEW `clicks` AS SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `_event_time` AS `event_time`, CAST(`impressionId` AS STRING) AS `event_id` FROM `sources`.`clicks` WHERE `_error` IS NULL AND `_offset` > -1306896301 AND NOT `_late`;

CREATE TEMPORARY VIEW `displays` AS SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `_event_time` AS `event_time`, CAST(`impressionId` AS STRING) AS `event_id` FROM `sources`.`displays` WHERE `_error` IS NULL AND `_offset` > -1306896301 AND NOT `_late`;

CREATE TEMPORARY VIEW `activity` AS SELECT uid, ip, impressionId, 1 AS click, 0 AS display, event_time, event_id FROM clicks UNION ALL SELECT uid, ip, impressionId, 0 AS click, 1 AS display, event_time, event_id FROM displays;

INSERT INTO `sinks`.`rule user-click-rate` SELECT CONCAT('user/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"ad-clicks","rule":"user-click-rate","rule_version":"b231f15f","severity":"Medium","mode":"Enforce","entity":{"type":"user","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"uid":?,"clicks":?,"displays":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/ad-clicks/user-click-rate', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `uid`, `clicks`, `displays`, `_start`, `_end`) FROM (SELECT *, CAST(`uid` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('# clicks on # displays, a rate above 0.5', `clicks`, `displays`) AS `_reason` FROM (SELECT * FROM (SELECT `uid`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, SUM(CAST(`click` AS BIGINT)) AS `clicks`, SUM(CAST(`display` AS BIGINT)) AS `displays`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `activity` WHERE has_key('rule user-click-rate', 'key uid', CAST(`event_id` AS STRING), `uid`)), DESCRIPTOR(`event_time`), INTERVAL '30' MINUTE(2))) GROUP BY `uid`, `window_start`, `window_end`, `window_time`) WHERE (`clicks` >= (10) AND `clicks` > `displays` * (0.5E0))));

-- rule user-many-addresses -> rule user-many-addresses

CREATE DATABASE IF NOT EXISTS `rule user-many-addresses`;

USE `rule user-many-addresses`;

CREATE TEMPORARY VIEW `clicks` AS SELECT `eventType`, `uid`, `timestamp`, `ip`, `impressionId`, `_event_time` AS `event_time`, CAST(`impressionId` AS STRING) AS `event_id` FROM `sources`.`clicks` WHERE `_error` IS NULL AND `_offset` > -3216867356 AND NOT `_late`;

INSERT INTO `sinks`.`rule user-many-addresses` SELECT CONCAT('user/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"ad-clicks","rule":"user-many-addresses","rule_version":"e4621fbb","severity":"Medium","mode":"Enforce","entity":{"type":"user","id":?},"event_time":?,"window_start":?,"window_end":?,"reason":?,"evidence":{"count":?,"ids":$},"row":{"uid":?,"addresses":?,"window_start":?,"window_end":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/ad-clicks/user-many-addresses', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`)), 1, 32), `_entity`, `_time`, `_start`, `_end`, `_reason`, `_count`, CASE WHEN `_count` = 1 THEN fill_json('[?]', `_first`) ELSE fill_json('[?,?]', `_first`, `_last`) END, `uid`, `addresses`, `_start`, `_end`) FROM (SELECT *, CAST(`uid` AS STRING) AS `_entity`, CONCAT_WS('/', DATE_FORMAT(`_start`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z'''), DATE_FORMAT(`_end`, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')) AS `_identity`, fill_text('clicks from # addresses within an hour, more than 8', `addresses`) AS `_reason` FROM (SELECT * FROM (SELECT `uid`, `window_start` AS `_start`, `window_end` AS `_end`, `window_time` AS `_time`, COUNT(DISTINCT `ip`) AS `addresses`, COUNT(*) AS `_count`, SUBSTRING(MIN(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_first`, SUBSTRING(MAX(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25) AS `_last` FROM TABLE(TUMBLE((SELECT * FROM `clicks`), DESCRIPTOR(`event_time`), INTERVAL '1' HOUR(2))) GROUP BY `uid`, `window_start`, `window_end`, `window_time`) WHERE (`addresses` > (8))));
