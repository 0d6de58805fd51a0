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

CREATE TEMPORARY TABLE `sources`.`bank_transactions` (
  `transaction_id` STRING,
  `customer_id` STRING,
  `customer_name` STRING,
  `amount` DECIMAL(12, 2),
  `merchant` STRING,
  `country` STRING,
  `home_country` STRING,
  `timestamp` BIGINT,
  `_raw` BYTES METADATA FROM 'value.raw' VIRTUAL,
  `_error` STRING METADATA FROM 'value.error' VIRTUAL,
  `_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL,
  `_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL,
  `_partition` INT METADATA FROM 'partition' VIRTUAL,
  `_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
  WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()
) WITH (
  'connector' = 'fraud-kafka',
  'topic' = 'bank_transactions',
  'properties.group.id' = 'default.bank',
  'properties.max.partition.fetch.bytes' = '12582912',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'fraud-event',
  'fraud-event.event-time.column' = 'timestamp',
  'fraud-event.event-time.format' = 'EPOCH_MILLIS',
  'fraud-event.event-time.zone' = 'UTC',
  'fraud-event.max-ahead' = '3600000 ms',
  'fraud-event.max-bytes' = '1048576',
  'fraud-event.required' = 'transaction_id;customer_id;customer_name;amount;country;home_country;timestamp',
  'fraud-event.nulled' = 'merchant',
  'stream' = 'bank_transactions',
  'out-of-orderness' = '5000 ms',
  'idle-timeout' = '120000 ms',
  'settle' = '1 s',
  'properties.bootstrap.servers' = 'kafka:9092'
);

CREATE TEMPORARY TABLE `sinks`.`stream bank_transactions dead-letters` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.bank.bank_transactions.dead-letters',
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

CREATE TEMPORARY TABLE `sinks`.`stream bank_transactions late` (
  `value` BYTES,
  `headers` MAP<STRING NOT NULL, BYTES> METADATA
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.bank.late',
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

CREATE TEMPORARY TABLE `sinks`.`output customer-risk` (
  `customer_id` STRING,
  `Name` STRING,
  `Total_Txns` BIGINT,
  `Fraud_Txns` BIGINT,
  `Avg_Amount` DECIMAL(12, 2),
  `Risk_Level` STRING,
  PRIMARY KEY (`customer_id`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'customer_risk',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`output fraud-dashboard` (
  `minute` TIMESTAMP(3),
  `transactions` BIGINT,
  `frauds` BIGINT,
  `amount` DECIMAL(14, 2),
  `fraud_amount` DECIMAL(14, 2),
  PRIMARY KEY (`minute`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'key.json.encode.decimal-as-plain-number' = 'true',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601',
  'value.json.encode.decimal-as-plain-number' = 'true',
  'topic' = 'fraud_dashboard',
  'properties.bootstrap.servers' = 'kafka:9092',
  'properties.delivery.timeout.ms' = '600000',
  'properties.max.request.size' = '12582912',
  'properties.linger.ms' = '5',
  'properties.batch.size' = '262144',
  'properties.buffer.memory' = '67108864',
  'properties.compression.type' = 'lz4',
  'sink.delivery-guarantee' = 'at-least-once'
);

CREATE TEMPORARY TABLE `sinks`.`rule customer-turns-high` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'default.bank.alerts',
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

CREATE TEMPORARY TABLE `sinks`.`rule customer-turns-high blocked` (
  `key` STRING,
  `value` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'blocked_customers',
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

-- stream bank_transactions -> stream bank_transactions dead-letters

INSERT INTO `sinks`.`stream bank_transactions dead-letters` SELECT `_raw`, MAP['stream', CAST('bank_transactions' AS BYTES), 'topic', CAST('bank_transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES), 'reason', CAST(`_error` AS BYTES)] FROM `sources`.`bank_transactions` WHERE `_error` IS NOT NULL;

-- stream bank_transactions -> stream bank_transactions late

INSERT INTO `sinks`.`stream bank_transactions late` SELECT `_raw`, MAP['stream', CAST('bank_transactions' AS BYTES), 'topic', CAST('bank_transactions' AS BYTES), 'partition', CAST(CAST(`_partition` AS STRING) AS BYTES), 'offset', CAST(CAST(`_offset` AS STRING) AS BYTES)] FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_late`;

-- output customer-risk -> output customer-risk

CREATE DATABASE IF NOT EXISTS `output customer-risk`;

USE `output customer-risk`;

CREATE TEMPORARY VIEW `bank_transactions` AS SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `merchant`, `country`, `home_country`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_offset` > -3047048866 AND NOT `_late`;

CREATE TEMPORARY VIEW `judged` AS SELECT transaction_id, customer_id, customer_name, amount, event_time, event_id,
       CASE WHEN amount > (3000) OR (country <> home_country AND amount > (1000))
            THEN 1 ELSE 0 END AS fraud
FROM bank_transactions;

INSERT INTO `sinks`.`output customer-risk` SELECT `customer_id`, watch_key('output customer-risk', 1, `customer_id`, `Name`) AS `Name`, `Total_Txns`, `Fraud_Txns`, `Avg_Amount`, `Risk_Level` FROM (SELECT customer_id, MAX(customer_name), COUNT(*), SUM(CAST(fraud AS BIGINT)), CAST(AVG(amount) AS DECIMAL(12, 2)),
       CASE WHEN SUM(CAST(fraud AS BIGINT)) >= (3) THEN 'High' WHEN SUM(CAST(fraud AS BIGINT)) >= 1 THEN 'Moderate' ELSE 'Low' END
FROM judged GROUP BY customer_id) AS written(`customer_id`, `Name`, `Total_Txns`, `Fraud_Txns`, `Avg_Amount`, `Risk_Level`) ON CONFLICT DO DEDUPLICATE;

-- output fraud-dashboard -> output fraud-dashboard

CREATE DATABASE IF NOT EXISTS `output fraud-dashboard`;

USE `output fraud-dashboard`;

CREATE TEMPORARY VIEW `bank_transactions` AS SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `merchant`, `country`, `home_country`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_offset` > -2764955348 AND NOT `_late`;

CREATE TEMPORARY VIEW `judged` AS SELECT transaction_id, customer_id, customer_name, amount, event_time, event_id,
       CASE WHEN amount > (3000) OR (country <> home_country AND amount > (1000))
            THEN 1 ELSE 0 END AS fraud
FROM bank_transactions;

INSERT INTO `sinks`.`output fraud-dashboard` SELECT * FROM (SELECT window_start, COUNT(*), SUM(CAST(fraud AS BIGINT)), CAST(SUM(amount) AS DECIMAL(14, 2)),
       CAST(SUM(CASE WHEN fraud = 1 THEN amount ELSE 0 END) AS DECIMAL(14, 2))
FROM TABLE(TUMBLE(TABLE judged, DESCRIPTOR(event_time), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end) AS written(`minute`, `transactions`, `frauds`, `amount`, `fraud_amount`) WHERE writable('output fraud-dashboard', 1, `minute`, `transactions`, `frauds`, `amount`, `fraud_amount`) ON CONFLICT DO DEDUPLICATE;

-- rule customer-turns-high -> rule customer-turns-high

CREATE DATABASE IF NOT EXISTS `rule customer-turns-high`;

USE `rule customer-turns-high`;

CREATE TEMPORARY VIEW `bank_transactions` AS SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `merchant`, `country`, `home_country`, `timestamp`, `_event_time` AS `event_time`, CAST(`transaction_id` AS STRING) AS `event_id` FROM `sources`.`bank_transactions` WHERE `_error` IS NULL AND `_offset` > -2824476965 AND NOT `_late`;

CREATE TEMPORARY VIEW `judged` AS SELECT transaction_id, customer_id, customer_name, amount, event_time, event_id,
       CASE WHEN amount > (3000) OR (country <> home_country AND amount > (1000))
            THEN 1 ELSE 0 END AS fraud
FROM bank_transactions;

INSERT INTO `sinks`.`rule customer-turns-high` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), fill_json('{"alert_id":?,"namespace":"default","detector":"bank","rule":"customer-turns-high","rule_version":"b59c843f","severity":"Critical","mode":"Enforce","entity":{"type":"customer","id":?},"event_time":?,"window_start":null,"window_end":null,"reason":?,"evidence":{"count":?,"ids":$},"row":{"transaction_id":?,"customer_id":?,"customer_name":?,"amount":?,"fraud":?,"frauds":?}}', SUBSTRING(SHA256(CONCAT_WS('/', 'default/bank/customer-turns-high', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32), `_entity`, `_time`, `_reason`, `_count`, `_recent`, `transaction_id`, `customer_id`, `customer_name`, `amount`, `fraud`, `frauds`) FROM (SELECT *, CAST(`customer_id` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# has # fraudulent transactions, the last of #: risk is High from 3 on', `customer_name`, `frauds`, `amount`) AS `_reason` FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`fraud` = 1 AND `frauds` >= (3)) AS `_meets`, (`frauds` < (3)) AS `_resets` FROM (SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `fraud`, `_time`, `_id`, `_length`, SUM(CAST(`fraud` AS BIGINT)) OVER w AS `frauds`, COUNT(*) OVER w AS `_count`, recent_ids(`_time`, `_id`) OVER w AS `_recent` FROM (SELECT * FROM TABLE(since((SELECT *, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `judged` WHERE has_key('rule customer-turns-high', 'key customer_id', CAST(`event_id` AS STRING), `customer_id`)) PARTITION BY (`customer_id`) ORDER BY (`_time`, `_length`, `_id`), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_customer-turns-high_since'))) WINDOW w AS (PARTITION BY `customer_id`, `_since` ORDER BY `_time`))) PARTITION BY (`customer_id`) ORDER BY (`_time`, `_length` DESC, `_id` DESC), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_customer-turns-high_on_edge'))));

-- rule customer-turns-high -> rule customer-turns-high blocked

USE `rule customer-turns-high`;

INSERT INTO `sinks`.`rule customer-turns-high blocked` SELECT CONCAT('customer/', COALESCE(`_entity`, '')), fill_json('{"who":?,"entity_type":"customer","why":?,"when":?,"until":?,"amount":?,"rule":"customer-turns-high","alert_id":?}', `_entity`, `_reason`, `_time`, CAST(`_time` AS TIMESTAMP_LTZ(3)) + INTERVAL '1' DAY * 30, `amount`, SUBSTRING(SHA256(CONCAT_WS('/', 'default/bank/customer-turns-high', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32)) FROM (SELECT *, CAST(`customer_id` AS STRING) AS `_entity`, `_id` AS `_identity`, fill_text('# has # fraudulent transactions, the last of #: risk is High from 3 on', `customer_name`, `frauds`, `amount`) AS `_reason` FROM (SELECT * FROM TABLE(on_edge((SELECT *, (`fraud` = 1 AND `frauds` >= (3)) AS `_meets`, (`frauds` < (3)) AS `_resets` FROM (SELECT `transaction_id`, `customer_id`, `customer_name`, `amount`, `fraud`, `_time`, `_id`, `_length`, SUM(CAST(`fraud` AS BIGINT)) OVER w AS `frauds`, COUNT(*) OVER w AS `_count`, recent_ids(`_time`, `_id`) OVER w AS `_recent` FROM (SELECT * FROM TABLE(since((SELECT *, `event_time` AS `_time`, CAST(`event_id` AS STRING) AS `_id`, CHAR_LENGTH(CAST(`event_id` AS STRING)) AS `_length` FROM `judged` WHERE has_key('rule customer-turns-high', 'key customer_id', CAST(`event_id` AS STRING), `customer_id`)) PARTITION BY (`customer_id`) ORDER BY (`_time`, `_length`, `_id`), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_customer-turns-high_since'))) WINDOW w AS (PARTITION BY `customer_id`, `_since` ORDER BY `_time`))) PARTITION BY (`customer_id`) ORDER BY (`_time`, `_length` DESC, `_id` DESC), CAST(31536000000 AS BIGINT), DEFAULT, 'rule_customer-turns-high_on_edge'))));
