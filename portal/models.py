"""Every table of the platform, imported in one place for migrations and the schema test."""

import audit.model
import bidding.model
import evaluation.defaulting.model
import evaluation.frameworks.model
import evaluation.inviting.model
import evaluation.lottery.model
import evaluation.model
import evaluation.services.model
import evaluation.validity.model
import guarantees.model
import kernel.db
import people.model
import people.recovery_model
import portal.alerts.model
import portal.search.model
import portal.webhooks.model
import supervision.complaints.model
import supervision.model
import tender.model

MODULES = (kernel.db, audit.model, people.model, people.recovery_model, tender.model,
           guarantees.model, bidding.model, evaluation.model, evaluation.inviting.model,
           evaluation.lottery.model, evaluation.services.model, evaluation.validity.model,
           evaluation.frameworks.model, evaluation.defaulting.model, supervision.model,
           supervision.complaints.model, portal.search.model,
           portal.webhooks.model, portal.alerts.model)
