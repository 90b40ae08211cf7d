PY := .venv/bin/python
PROPERTIES := $(shell grep -rl "hypothesis import" tests --include=test_*.py)
HOLD := $(PY) -m portal.embedded hold
SECRET = $$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))')
.DEFAULT_GOAL := help
.PHONY: help setup run bench test check lint types templates deploy migrations translations locks prove screens lock stop

help: ## 显示本帮助 · this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## 准备环境，不启动任何程序 · environment and packages, starts nothing
	@bash .ci/environment

run: setup ## 启动演示，Ctrl-C 全部停止 · the demo; Ctrl-C stops everything
	@DEMO=1 $(HOLD) $(PY) manage.py serve

test: setup ## 全部测试 · the whole suite, real servers and browser
	@$(PY) -m tests.chromium
	@$(HOLD) $(PY) -m pytest -n 2 --dist loadgroup -m "not prove"

check: setup lint types templates deploy migrations translations locks ## 检查代码 · lint, types, templates, settings, catalogues, locks

lint:
	@$(PY) -m ruff format --check --quiet . && $(PY) -m ruff check --quiet .

types:
	@$(HOLD) $(PY) -m mypy

templates:
	@$(PY) -m djlint --quiet --lint templates

deploy:
	@SECRET_KEY=$(SECRET) PERSONAL_DATA_KEY=$(SECRET) ALLOWED_HOSTS=portal.example \
		SMS_GATEWAY_URL=https://sms.example/ \
		$(HOLD) $(PY) manage.py check --deploy --fail-level WARNING

migrations:
	@$(HOLD) $(PY) manage.py makemigrations --check --dry-run

translations:
	@$(HOLD) $(PY) manage.py translations --check

locks:
	@$(PY) .ci/lock.py --check

prove: setup ## 全规模的性质、竞争与全国月结，数字成表 · full-size properties, races and a country
	@EXAMPLES_TIMES=20 $(HOLD) $(PY) -m pytest -n 2 -q --no-header $(PROPERTIES)
	@$(HOLD) $(PY) -m pytest -m prove -s -q
	@$(HOLD) $(PY) manage.py bench --country $(COUNTRY)

bench: setup ## 全市月结的速度，成表并写入 VAR_DIR/bench · how fast a city's month closes
	@$(HOLD) $(PY) manage.py bench

screens: setup ## 每个页面、角色与宽度的截图 · every page as a picture
	@$(PY) -m tests.chromium
	@DEMO=1 $(HOLD) $(PY) manage.py screens

lock: setup ## 重新锁定 Python 依赖 · lock the Python dependencies anew
	@$(PY) .ci/lock.py

stop: ## 停止内嵌服务器 · stop the embedded servers
	@$(PY) -m portal.embedded stop
