CREATE TABLE clips (
	ref VARCHAR(32) NOT NULL,
	recorded_on VARCHAR(40) NOT NULL,
	"trigger" VARCHAR(16) NOT NULL,
	duration_ms INTEGER NOT NULL,
	device VARCHAR(80),
	customer VARCHAR(80),
	given_name VARCHAR(80),
	locality VARCHAR(160),
	latitude FLOAT,
	longitude FLOAT,
	words BLOB,
	withheld VARCHAR(40),
	withdrawn VARCHAR(40),
	withdrawn_by VARCHAR(64),
	withdrawn_at FLOAT,
	kept_on VARCHAR(10) NOT NULL,
	published BOOLEAN NOT NULL,
	PRIMARY KEY (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_clips_withdrawn_by ON clips (withdrawn_by);
CREATE INDEX ix_clips_kept_on ON clips (kept_on);
CREATE INDEX ix_clips_published ON clips (published);
CREATE INDEX ix_clips_withdrawn_at ON clips (withdrawn_at);
CREATE TABLE kept_sessions (
	"key" VARCHAR(64) NOT NULL,
	PRIMARY KEY ("key")
)
 WITHOUT ROWID

;
CREATE TABLE publication (
	id INTEGER NOT NULL,
	at FLOAT NOT NULL,
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE TABLE people (
	username VARCHAR(64) NOT NULL,
	role VARCHAR(32) NOT NULL,
	password_hash VARCHAR(200),
	totp BLOB,
	disabled BOOLEAN NOT NULL,
	PRIMARY KEY (username)
)
 WITHOUT ROWID

;
CREATE TABLE invitations (
	username VARCHAR(64) NOT NULL,
	hashed VARCHAR(64) NOT NULL,
	totp BLOB NOT NULL,
	until FLOAT NOT NULL,
	PRIMARY KEY (username),
	UNIQUE (hashed)
)
 WITHOUT ROWID

;
CREATE TABLE recovery_codes (
	hashed VARCHAR(64) NOT NULL,
	username VARCHAR(64) NOT NULL,
	PRIMARY KEY (hashed)
)
 WITHOUT ROWID

;
CREATE INDEX ix_recovery_codes_username ON recovery_codes (username);
CREATE TABLE sessions (
	hashed VARCHAR(64) NOT NULL,
	username VARCHAR(64) NOT NULL,
	role VARCHAR(32) NOT NULL,
	stamp VARCHAR(64) NOT NULL,
	opened_at FLOAT NOT NULL,
	seen_at FLOAT NOT NULL,
	PRIMARY KEY (hashed)
)
 WITHOUT ROWID

;
CREATE INDEX ix_sessions_seen_at ON sessions (seen_at);
CREATE INDEX ix_sessions_username ON sessions (username);
CREATE TABLE used_codes (
	username VARCHAR(64) NOT NULL,
	step BIGINT NOT NULL,
	PRIMARY KEY (username)
)
 WITHOUT ROWID

;
CREATE TABLE failures (
	id VARCHAR(32) NOT NULL,
	hashed VARCHAR(64) NOT NULL,
	at FLOAT NOT NULL,
	PRIMARY KEY (id)
)
 WITHOUT ROWID

;
CREATE INDEX ix_failures_hashed_at ON failures (hashed, at);
CREATE INDEX ix_failures_at ON failures (at);
CREATE TABLE passkeys (
	hashed VARCHAR(64) NOT NULL,
	username VARCHAR(64) NOT NULL,
	credential BLOB NOT NULL,
	public_key BLOB NOT NULL,
	sign_count BIGINT NOT NULL,
	label VARCHAR(40) NOT NULL,
	added_at FLOAT NOT NULL,
	PRIMARY KEY (hashed)
)
 WITHOUT ROWID

;
CREATE INDEX ix_passkeys_username ON passkeys (username);
CREATE TABLE answered_challenges (
	hashed VARCHAR(64) NOT NULL,
	until FLOAT NOT NULL,
	PRIMARY KEY (hashed)
)
 WITHOUT ROWID

;
CREATE INDEX ix_answered_challenges_until ON answered_challenges (until);
CREATE TABLE sounds (
	ref VARCHAR(32) NOT NULL,
	wav BLOB NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE TABLE owners (
	ref VARCHAR(32) NOT NULL,
	owner VARCHAR(200) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_owners_owner ON owners (owner);
CREATE TABLE joins (
	ref VARCHAR(32) NOT NULL,
	tag VARCHAR(64) NOT NULL,
	spans_digest VARCHAR(64) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_joins_tag ON joins (tag);
CREATE TABLE annotations (
	ref VARCHAR(32) NOT NULL,
	number INTEGER NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	note BLOB,
	intent VARCHAR(40) NOT NULL,
	effective VARCHAR(16) NOT NULL,
	heard JSON NOT NULL,
	false_activation BOOLEAN NOT NULL,
	speakers JSON NOT NULL,
	annotated_at VARCHAR(40) NOT NULL,
	PRIMARY KEY (ref, number),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_annotations_reviewer ON annotations (reviewer);
CREATE TABLE settled (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	is_gold BOOLEAN NOT NULL,
	intent VARCHAR(40) NOT NULL,
	effective VARCHAR(16) NOT NULL,
	heard JSON NOT NULL,
	false_activation BOOLEAN NOT NULL,
	note BLOB,
	settled_at VARCHAR(40) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE TABLE flags (
	ref VARCHAR(32) NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE TABLE waiting (
	ref VARCHAR(32) NOT NULL,
	turn BIGINT NOT NULL,
	wanted INTEGER NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_waiting_turn ON waiting (turn);
CREATE TABLE claims (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	until FLOAT NOT NULL,
	done BOOLEAN NOT NULL,
	heard BOOLEAN NOT NULL,
	PRIMARY KEY (ref),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_claims_until ON claims (until);
CREATE INDEX ix_claims_reviewer ON claims (reviewer);
CREATE TABLE handled (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	how VARCHAR(32) NOT NULL,
	on_day VARCHAR(10) NOT NULL,
	PRIMARY KEY (ref, reviewer),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE INDEX ix_handled_reviewer_day ON handled (reviewer, on_day);
CREATE TABLE drafts (
	ref VARCHAR(32) NOT NULL,
	reviewer VARCHAR(80) NOT NULL,
	note BLOB NOT NULL,
	PRIMARY KEY (ref, reviewer),
	FOREIGN KEY(ref) REFERENCES clips (ref)
)
 WITHOUT ROWID

;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	PRIMARY KEY (version_num)
)
 WITHOUT ROWID;
INSERT INTO alembic_version VALUES ('0006');
